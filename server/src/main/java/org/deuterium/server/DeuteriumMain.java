package org.deuterium.server;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.sql.SQLException;
import org.deuterium.benchmarks.micro.H2ServerCommand;
import org.deuterium.benchmarks.micro.MicroCommand;
import org.deuterium.benchmarks.micro.SideBySideCommand;
import org.deuterium.benchmarks.tpcc.TpccCommand;
import org.deuterium.server.local.LocalClusterException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program "deuterium". */
@Command(
        name = "deuterium",
        mixinStandardHelpOptions = true,
        version = "Deuterium 0.1.0-SNAPSHOT",
        description = "H2 with replication and partitioning behind one JDBC URL.",
        subcommands = {
            DemoCommand.class,
            StartCommand.class,
            StopCommand.class,
            StatusCommand.class,
            SqlCommand.class,
            NodeCommand.class,
            LogCommand.class,
            ZooKeeperCommand.class,
            TpccCommand.class,
            MicroCommand.class,
            SideBySideCommand.class,
            H2ServerCommand.class,
            SimulateCommand.class
        },
        footer = {"", "Every command explains itself with --help. To see it work: deuterium demo"})
public final class DeuteriumMain implements Runnable {

    private static final String STATEMENT_FOLLOWS = "; SQL statement:";

    public static void main(String[] arguments) {
        ProcessLog.quiet();
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new DeuteriumMain())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(DeuteriumMain::report);
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /** What we expect to go wrong is one line; anything else is a fault of ours and shows where it happened. */
    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        String name = command.getCommandSpec().qualifiedName() + ": ";
        if (failure instanceof CommandFailure
                || failure instanceof LocalClusterException
                || failure instanceof IOException
                || failure instanceof IllegalArgumentException) {
            System.err.println(name + firstLine(failure));
        } else if (failure instanceof SQLException sql) {
            System.err.println(name + firstLine(sql) + " [" + sql.getSQLState() + "/" + sql.getErrorCode() + "]");
        } else {
            System.err.println(name + failure);
            failure.printStackTrace(System.err);
        }
        return 1;
    }

    private static String firstLine(Exception failure) {
        String message = failure.getMessage();
        if (message == null) {
            return failure.getClass().getSimpleName();
        }
        String line = message.lines().findFirst().orElse("");
        // H2 puts the statement on the lines after this; who typed it knows it.
        if (line.endsWith(STATEMENT_FOLLOWS)) {
            line = line.substring(0, line.length() - STATEMENT_FOLLOWS.length());
        }
        // An IOException of the JDK often has only the file's name for a message.
        return failure instanceof FileSystemException file ? fileProblem(file, line) : line;
    }

    private static String fileProblem(FileSystemException failure, String otherwise) {
        String file = failure.getFile();
        if (failure instanceof NoSuchFileException) {
            return "there is no file or directory " + file;
        }
        if (failure instanceof FileAlreadyExistsException) {
            return file + " is in the way: it exists, and is not a directory";
        }
        if (failure instanceof AccessDeniedException) {
            return file + " may not be read or written by this user";
        }
        return otherwise;
    }
}
