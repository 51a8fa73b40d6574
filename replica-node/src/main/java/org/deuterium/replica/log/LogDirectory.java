package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.deuterium.wire.NodeId;
import org.jspecify.annotations.Nullable;

/** A node's data directory: locked by one process, and marked with the node and cluster it belongs to. */
public final class LogDirectory implements AutoCloseable {

    private static final String LOCK_FILE = "node.lock";
    private static final String IDENTITY_FILE = "node.identity";

    private final Path data;
    private final FileChannel lockChannel;

    private LogDirectory(Path data, FileChannel lockChannel) {
        this.data = data;
        this.lockChannel = lockChannel;
    }

    /**
     * Takes the directory for a node, making it if it does not exist.
     *
     * @param cluster what tells this cluster from others
     * @throws WrongDirectoryException if another process has it, or it belongs to another node or cluster
     */
    public static LogDirectory open(Path data, NodeId node, String cluster)
            throws IOException, WrongDirectoryException {
        Files.createDirectories(data);
        FileChannel channel =
                FileChannel.open(data.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (!isLocked(channel)) {
                throw new WrongDirectoryException("the data directory " + data
                        + " is in use by another process; stop that node, or give this one its own directory");
            }
            checkIdentity(data, node, cluster);
            return new LogDirectory(data, channel);
        } catch (IOException | WrongDirectoryException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The cluster a data directory belongs to, or null if it belongs to none yet. */
    public static @Nullable String clusterOf(Path data) throws IOException {
        Path identity = data.resolve(IDENTITY_FILE);
        if (!Files.exists(identity)) {
            return null;
        }
        String firstLine = Files.readString(identity).lines().findFirst().orElse("");
        return firstLine.startsWith("cluster ") ? firstLine.substring("cluster ".length()) : "";
    }

    /** Makes the names in a directory durable: what was moved there stays moved. */
    public static void forceNames(Path directory) throws IOException {
        LogSegment.forceDirectory(directory);
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            @Nullable FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // this very process has it open: a second node in one JVM with the same directory
        }
    }

    private static void checkIdentity(Path data, NodeId node, String cluster)
            throws IOException, WrongDirectoryException {
        Path identity = data.resolve(IDENTITY_FILE);
        String wanted = "cluster " + cluster + "\nnode " + node.name() + "\n";
        if (Files.exists(identity)) {
            String found = Files.readString(identity);
            if (!found.equals(wanted)) {
                throw new WrongDirectoryException("the data directory " + data + " belongs to "
                        + found.strip().replace("\n", ", ") + ", not to "
                        + wanted.strip().replace("\n", ", ") + "; give the right --data directory");
            }
            return;
        }
        Path temporary = data.resolve(IDENTITY_FILE + ".new");
        try (FileChannel out = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            LogSegment.writeFully(out, ByteBuffer.wrap(wanted.getBytes(StandardCharsets.UTF_8)), 0);
            out.force(true);
        }
        Files.move(temporary, identity);
        LogSegment.forceDirectory(data);
    }

    /** Where the log's segments lie. */
    public Path log() {
        return data.resolve("log");
    }

    /** Where tails of the log lie that were discarded although a client may have been told that they are committed. */
    public Path tails() {
        return data.resolve("tails");
    }

    /** Where the H2 databases of the replicas lie. */
    public Path partitions() {
        return data.resolve("partitions");
    }

    @Override
    public void close() throws IOException {
        lockChannel.close();
    }
}
