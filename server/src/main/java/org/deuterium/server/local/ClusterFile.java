package org.deuterium.server.local;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.deuterium.coordinator.zookeeper.FreePorts;

/**
 * What a cluster's directory remembers, so that it comes back with the same ports and the same URL.
 *
 * @param nodePorts the port of each node, the first is node1's
 */
public record ClusterFile(int zooKeeperPort, List<Integer> nodePorts) {

    static final String NAME = "cluster.properties";
    private static final String FORMAT = "1";
    private static final int LAST_PORT = 65_535;

    public ClusterFile {
        nodePorts = List.copyOf(nodePorts);
    }

    /** Chooses ports for a new cluster: a port of 0 means any free one. */
    public static ClusterFile withPorts(int nodes, int firstPort, int zooKeeperPort) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            // All are held until all are chosen, so that no two are the same.
            List<Integer> nodePorts = new ArrayList<>();
            for (int i = 0; i < nodes; i++) {
                nodePorts.add(hold(firstPort == 0 ? 0 : firstPort + i, held));
            }
            return new ClusterFile(hold(zooKeeperPort, held), nodePorts);
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    private static int hold(int port, List<ServerSocket> held) throws IOException {
        if (port < 0 || port > LAST_PORT) {
            throw new LocalClusterException("port " + port + " does not exist, they end with " + LAST_PORT
                    + "; give other ports, or leave them out to get free ones");
        }
        try {
            InetAddress here = InetAddress.getLoopbackAddress();
            ServerSocket socket = port == 0 ? FreePorts.hold(here) : new ServerSocket(port, 1, here);
            held.add(socket);
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new LocalClusterException("port " + port + " is taken (" + e.getMessage()
                    + "); give other ports, or leave them out to get free ones");
        }
    }

    static ClusterFile read(Path directory) throws IOException {
        Properties properties = new Properties();
        Path file = directory.resolve(NAME);
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        if (!FORMAT.equals(properties.getProperty("format"))) {
            throw new LocalClusterException(file + " has format " + properties.getProperty("format")
                    + ", this program reads " + FORMAT + "; use the program that wrote it");
        }
        try {
            List<Integer> ports = new ArrayList<>();
            for (String port : properties.getProperty("nodes", "").split(",", -1)) {
                ports.add(Integer.valueOf(port.trim()));
            }
            return new ClusterFile(Integer.parseInt(properties.getProperty("zookeeper", "")), ports);
        } catch (NumberFormatException e) {
            throw new LocalClusterException(
                    file + " is damaged (" + e.getMessage() + "); it must hold zookeeper=PORT and nodes=PORT,PORT,...");
        }
    }

    void write(Path directory) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("format", FORMAT);
        properties.setProperty("zookeeper", Integer.toString(zooKeeperPort));
        properties.setProperty(
                "nodes",
                String.join(",", nodePorts.stream().map(String::valueOf).toList()));
        try (Writer writer = Files.newBufferedWriter(directory.resolve(NAME))) {
            properties.store(writer, "A Deuterium cluster on this machine; made by: deuterium start");
        }
    }
}
