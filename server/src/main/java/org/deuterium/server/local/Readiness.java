package org.deuterium.server.local;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.inspect.ReadyCheck;

/** Waits for a starting cluster, step by step, and gives up with what the process in the way said last. */
final class Readiness {

    private static final long PROCESS_SECONDS = 120;
    private static final long LEADERS_SECONDS = 120;
    private static final long PAUSE_MILLIS = 100;

    private final LocalCluster cluster;
    private final PrintStream out;

    Readiness(LocalCluster cluster, PrintStream out) {
        this.cluster = cluster;
        this.out = out;
    }

    void awaitPort(ChildProcess process, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PROCESS_SECONDS);
        while (!listens(port)) {
            requireRunning(process);
            if (System.nanoTime() > deadline) {
                throw new LocalClusterException(process.name() + " did not listen on port " + port + " within "
                        + PROCESS_SECONDS + " s: " + process.lastLine());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        requireRunning(process);
    }

    /** Until every node answers SQL and every partition has a leader. */
    void awaitLeaders() throws IOException, InterruptedException {
        out.println("Waiting for leaders");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LEADERS_SECONDS);
        for (String url : cluster.nodeUrls()) {
            awaitReady(url, deadline);
        }
    }

    private void awaitReady(String url, long deadline) throws IOException, InterruptedException {
        while (true) {
            String missing = ReadyCheck.missing(url);
            if (missing.isEmpty()) {
                return;
            }
            for (ChildProcess process : cluster.processes()) {
                requireRunning(process);
            }
            if (System.nanoTime() > deadline) {
                throw new LocalClusterException("the cluster was not ready within " + LEADERS_SECONDS + " s (" + missing
                        + "); its logs are in the data directories of the nodes");
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static void requireRunning(ChildProcess process) throws IOException {
        if (!process.isRunning()) {
            throw new LocalClusterException(process.name() + " ended: " + process.lastLine());
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
