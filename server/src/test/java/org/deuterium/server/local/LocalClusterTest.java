package org.deuterium.server.local;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A cluster of processes in one directory: its URL, its ports, and whose pid is whose. */
class LocalClusterTest {

    @TempDir
    Path directory;

    @Test
    void comesBackWithTheSameUrl() throws IOException {
        ClusterFile file = ClusterFile.withPorts(3, 0, 0);
        assertEquals(3, new HashSet<>(file.nodePorts()).size());
        assertTrue(
                file.nodePorts().stream().allMatch(port -> port < 32_768),
                () -> "an outgoing connection may have one while its node is down: " + file.nodePorts());
        LocalCluster created = LocalCluster.create(directory, file);
        LocalCluster opened = LocalCluster.open(directory);
        assertEquals(created.jdbcUrl(), opened.jdbcUrl());
        assertEquals(file, opened.file());
    }

    @Test
    void saysHowToMakeAClusterWhereThereIsNone() {
        IOException refused = assertThrows(IOException.class, () -> LocalCluster.open(directory));
        assertTrue(refused.getMessage().contains("deuterium start"), refused.getMessage());
    }

    @Test
    void saysWhichPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            IOException refused = assertThrows(IOException.class, () -> ClusterFile.withPorts(1, port, 0));
            assertTrue(refused.getMessage().contains(Integer.toString(port)), refused.getMessage());
        }
    }

    @Test
    void saysThatThereIsNoSuchPort() {
        for (int port : new int[] {-1, 65_535, 70_000}) {
            IOException refused = assertThrows(IOException.class, () -> ClusterFile.withPorts(2, port, 0));
            assertTrue(refused.getMessage().contains("they end with 65535"), refused.getMessage());
        }
    }

    @Test
    void aPidThatNowBelongsToAnotherProcessIsNotOurs() throws IOException {
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(1, 0, 0));
        ChildProcess node = cluster.node("node1");
        // This very process has the number, but it did not begin at the time in the file.
        Files.writeString(
                directory.resolve("node1.pid"), ProcessHandle.current().pid() + " 1\n");
        assertEquals(false, node.isRunning());
        runsInThisProcess("node1");
        assertTrue(node.isRunning());
    }

    /** As somebody leaves it who makes room, or rotates what looks like a log; the port is asked then. */
    @Test
    @Timeout(60)
    void aProcessThatRanBeforeIsReadyThoughItsOutputWasDeleted() throws Exception {
        try (ServerSocket itsPort = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            LocalCluster cluster = LocalCluster.create(directory, new ClusterFile(itsPort.getLocalPort(), List.of(1)));
            runsInThisProcess("zookeeper");
            new Readiness(cluster, List.of(), System.out).awaitReady(cluster.zooKeeper());
        }
    }

    /** As a path with umlauts in another encoding, or a line that is being written. */
    @Test
    void outputThatIsNotUtf8CanBeRead() throws IOException {
        LocalCluster cluster = LocalCluster.create(directory, ClusterFile.withPorts(1, 0, 0));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        printed.write("H".getBytes(US_ASCII));
        printed.write(0xE4);
        printed.write("user\nready 127.0.0.1:1\nlast w".getBytes(US_ASCII));
        printed.write(0xC3);
        Files.write(directory.resolve("node1.out"), printed.toByteArray());
        assertTrue(cluster.node("node1").saysReady());
        assertTrue(cluster.node("node1").lastLine().startsWith("last w"));
    }

    private void runsInThisProcess(String name) throws IOException {
        long begun = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
        Files.writeString(
                directory.resolve(name + ".pid"), ProcessHandle.current().pid() + " " + begun + "\n");
    }
}
