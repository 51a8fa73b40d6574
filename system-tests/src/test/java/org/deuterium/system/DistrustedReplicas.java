package org.deuterium.system;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What the logs of nodes say of replicas that differed from their leader's, or whose files could not be trusted. Such a
 * replica is mended by itself, so that all are equal in the end; but no death of a process may make one.
 */
final class DistrustedReplicas {

    private static final Pattern TROUBLE = Pattern.compile("STUCK after|to be rebuilt from a peer|cannot be trusted"
            + "|log and vote are kept|is kept as|the node loop failed|cannot be set aside");

    private DistrustedReplicas() {}

    /** The lines that tell of one, in node.log and the logs of up to nine earlier runs. */
    static List<String> found(Collection<Path> dataDirectories) throws IOException {
        List<String> lines = new ArrayList<>();
        for (Path data : dataDirectories) {
            try (DirectoryStream<Path> logs = Files.newDirectoryStream(data, "node.log*")) {
                for (Path log : logs) {
                    try (Stream<String> all = Files.lines(log)) {
                        all.filter(line -> TROUBLE.matcher(line).find())
                                .map(line -> data.getFileName() + "/" + log.getFileName() + ": " + line)
                                .forEach(lines::add);
                    }
                }
            }
        }
        return lines;
    }
}
