package org.deuterium.server;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import org.deuterium.server.local.ChildProcess;
import org.deuterium.server.local.LocalCluster;
import org.deuterium.server.shell.SqlScript;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "status". */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the processes of a cluster that \"start\" has started, its nodes and its replicas.",
            "Exit code: 0 if every process runs and SQL is answered, else 1."
        })
final class StatusCommand implements Callable<Integer> {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = LocalCluster.DEFAULT_DIRECTORY,
            description = "directory of the cluster (default: ./${DEFAULT-VALUE})")
    private Path data = Path.of(LocalCluster.DEFAULT_DIRECTORY);

    @Override
    public Integer call() throws IOException {
        LocalCluster cluster = LocalCluster.open(data);
        boolean allRun = true;
        boolean someNodeRuns = false;
        for (ChildProcess process : cluster.processes()) {
            boolean runs = process.isRunning();
            allRun &= runs;
            someNodeRuns |= runs && !process.name().equals("zookeeper");
            System.out.printf(
                    "%-10s %-8s %s%n",
                    process.name(), runs ? "running" : "stopped", runs ? "pid " + process.pid() : "");
        }
        System.out.println(cluster.jdbcUrl());
        return (someNodeRuns && answers(cluster)) & allRun ? 0 : 1;
    }

    private static boolean answers(LocalCluster cluster) {
        try (Connection connection = DriverManager.getConnection(cluster.jdbcUrl(), "sa", "")) {
            SqlScript script = new SqlScript(connection, System.out);
            script.run("SHOW NODES");
            script.run("SHOW REPLICAS");
            return true;
        } catch (SQLException e) {
            System.out.println("SQL is not answered: " + e.getMessage());
            return false;
        }
    }
}
