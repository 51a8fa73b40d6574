package org.deuterium.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.deuterium.server.local.LocalCluster;
import org.deuterium.server.shell.SqlScript;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import sqlline.SqlLine;

/** The command "sql". */
@Command(
        name = "sql",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Opens the SQL shell (sqlline, with history and completion), or runs SQL from -e, -f or a pipe and ends.",
            "Without the shell the first statement that fails ends the run with exit code 1."
        })
final class SqlCommand implements Callable<Integer> {

    @Parameters(
            arity = "0..1",
            paramLabel = "URL",
            description = "JDBC URL (default: that of the cluster in ./" + LocalCluster.DEFAULT_DIRECTORY + ")")
    private @Nullable String url;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = LocalCluster.DEFAULT_DIRECTORY,
            description = "directory of the cluster to connect to if no URL is given (default: ./${DEFAULT-VALUE})")
    private Path data = Path.of(LocalCluster.DEFAULT_DIRECTORY);

    @Option(
            names = {"-u", "--user"},
            defaultValue = "sa",
            description = "user name (default: ${DEFAULT-VALUE})")
    private String user = "sa";

    @Option(
            names = {"-p", "--password"},
            defaultValue = "",
            description = "password (default: empty)")
    private String password = "";

    @Option(
            names = {"-e", "--execute"},
            paramLabel = "SQL",
            description = "run these statements, separated by ';'; may be repeated")
    private List<String> statements = new ArrayList<>();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description = "run the statements of a file; - is standard input")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException, SQLException {
        String target = url != null ? url : LocalCluster.open(data).jdbcUrl();
        if (statements.isEmpty() && file == null) {
            if (System.console() != null) {
                return shell(target);
            }
            // Nobody sits there: what comes on standard input is a script.
            file = Path.of("-");
        }
        List<String> scripts = new ArrayList<>(statements);
        if (file != null) {
            scripts.add(
                    file.toString().equals("-")
                            ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                            : Files.readString(file));
        }
        try (Connection connection = DriverManager.getConnection(target, user, password)) {
            for (String script : scripts) {
                new SqlScript(connection, System.out).run(script);
            }
        }
        return 0;
    }

    private int shell(String target) throws IOException {
        SqlLine shell = new SqlLine();
        String[] arguments = {"-u", target, "-n", user, "-p", password, "--isolation=TRANSACTION_READ_COMMITTED"};
        return shell.begin(arguments, null, true) == SqlLine.Status.OK ? 0 : 1;
    }
}
