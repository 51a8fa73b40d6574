package org.deuterium.coordinator.zookeeper;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ZooKeeper in this process: what it keeps, and what it says when it cannot start. */
class EmbeddedZooKeeperTest {

    @TempDir
    Path directory;

    @Test
    void keepsWhatItWasToldOverARestartOnTheSamePort() throws Exception {
        int port;
        byte[] written = {1, 2, 3};
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
                CuratorFramework client = client(server)) {
            port = server.port();
            client.create().forPath("/kept", written);
        }
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory, "127.0.0.1", port);
                CuratorFramework client = client(server)) {
            assertArrayEquals(written, client.getData().forPath("/kept"));
        }
    }

    @Test
    void saysWhichPortIsTaken() throws Exception {
        try (EmbeddedZooKeeper server = EmbeddedZooKeeper.start(directory.resolve("one"), "127.0.0.1", 0)) {
            IOException refused = assertThrows(
                    IOException.class,
                    () -> EmbeddedZooKeeper.start(directory.resolve("two"), "127.0.0.1", server.port()));
            assertTrue(refused.getMessage().contains("127.0.0.1:" + server.port()), refused.getMessage());
        }
    }

    private static CuratorFramework client(EmbeddedZooKeeper server) {
        CuratorFramework client = CuratorFrameworkFactory.newClient(server.connectString(), new RetryOneTime(100));
        client.start();
        return client;
    }
}
