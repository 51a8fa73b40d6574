package org.deuterium.coordinator.zookeeper;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;

/**
 * One standalone ZooKeeper server inside this process, through ZooKeeper's own supported entrance, for clusters on one
 * machine and for tests. It is a single point of failure; a real deployment has an ensemble of its own.
 */
public final class EmbeddedZooKeeper implements AutoCloseable {

    /** Small, so that a session may be short: ZooKeeper refuses session timeouts below two ticks. */
    private static final int TICK_MILLIS = 500;

    private static final long START_MILLIS = TimeUnit.SECONDS.toMillis(60);

    private final ZooKeeperServerEmbedded server;
    private final String host;
    private final int port;

    private EmbeddedZooKeeper(ZooKeeperServerEmbedded server, String host, int port) {
        this.server = server;
        this.host = host;
        this.port = port;
    }

    /**
     * Starts a server and returns when it answers.
     *
     * @param port the port to listen on, 0 for a free one
     * @throws IOException if the port is taken or the directory cannot be used
     */
    public static EmbeddedZooKeeper start(Path directory, String host, int port) throws IOException {
        int usedPort = port == 0 ? FreePorts.choose(host) : requireFree(host, port);
        Files.createDirectories(directory);
        Properties properties = new Properties();
        properties.setProperty("tickTime", Integer.toString(TICK_MILLIS));
        properties.setProperty("dataDir", directory.resolve("data").toString());
        properties.setProperty("clientPort", Integer.toString(usedPort));
        properties.setProperty("clientPortAddress", host);
        properties.setProperty("maxClientCnxns", "0");
        properties.setProperty("admin.enableServer", "false");
        properties.setProperty("autopurge.snapRetainCount", "3");
        properties.setProperty("autopurge.purgeInterval", "1");
        try {
            ZooKeeperServerEmbedded server = ZooKeeperServerEmbedded.builder()
                    .baseDir(directory)
                    .configuration(properties)
                    .exitHandler(ExitHandler.LOG_ONLY)
                    .build();
            server.start(START_MILLIS);
            return new EmbeddedZooKeeper(server, host, usedPort);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("ZooKeeper did not start on " + host + ":" + usedPort + ": " + e.getMessage(), e);
        }
    }

    private static int requireFree(String host, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return socket.getLocalPort();
        } catch (BindException e) {
            throw new IOException(
                    "cannot listen on " + host + ":" + port + ": " + e.getMessage()
                            + "; give another port, or stop the program that uses this one",
                    e);
        }
    }

    /** host:port, as clients want it. */
    public String connectString() {
        return host + ":" + port;
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        server.close();
    }
}
