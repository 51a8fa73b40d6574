package org.deuterium.server.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
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
        long begun = ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
        Files.writeString(
                directory.resolve("node1.pid"), ProcessHandle.current().pid() + " " + begun + "\n");
        assertTrue(node.isRunning());
    }
}
