package org.deuterium.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.deuterium.server.local.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "stop". */
@Command(
        name = "stop",
        mixinStandardHelpOptions = true,
        description = "Stops the processes of a cluster that \"start\" has started; its data stay.")
final class StopCommand implements Callable<Integer> {

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = LocalCluster.DEFAULT_DIRECTORY,
            description = "directory of the cluster (default: ./${DEFAULT-VALUE})")
    private Path data = Path.of(LocalCluster.DEFAULT_DIRECTORY);

    @Override
    public Integer call() throws IOException {
        LocalCluster.open(data).stop(System.out);
        return 0;
    }
}
