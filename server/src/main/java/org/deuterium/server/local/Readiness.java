package org.deuterium.server.local;

import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.inspect.ReadyCheck;
import org.jspecify.annotations.Nullable;

/** Waits for a starting cluster, step by step, and gives up with what the process in the way said last. */
final class Readiness {

    private static final long PROCESS_SECONDS = 120;
    private static final long LEADERS_SECONDS = 180;
    private static final long STRAGGLER_SECONDS = 60;
    private static final long PAUSE_MILLIS = 100;
    private static final int CONNECT_MILLIS = 1000;

    private final LocalCluster cluster;
    private final Collection<ChildProcess> started;
    private final PrintStream out;

    /** @param started the processes that were started just now, and those that will be; the others ran before */
    Readiness(LocalCluster cluster, Collection<ChildProcess> started, PrintStream out) {
        this.cluster = cluster;
        this.started = started;
        this.out = out;
    }

    /** Until the process serves. */
    void awaitReady(ChildProcess process) throws IOException, InterruptedException {
        long deadline = after(PROCESS_SECONDS);
        while (!serves(process)) {
            requireRunning(process);
            if (isOver(deadline)) {
                throw new LocalClusterException(
                        process.name() + " was not ready within " + PROCESS_SECONDS + " s: " + process.lastLine());
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        requireRunning(process);
    }

    /**
     * Until every node answers SQL and every partition has a leader. One that is not so far a minute after most
     * others is not waited for.
     *
     * @throws PartlyStartedException if that came true on some nodes only
     */
    void awaitLeaders() throws IOException, InterruptedException {
        out.println("Waiting for leaders");
        int all = cluster.nodes().size();
        List<ChildProcess> pending = new ArrayList<>(cluster.nodes());
        Map<ChildProcess, String> failed = new LinkedHashMap<>();
        int ready = 0;
        long deadline = after(LEADERS_SECONDS);
        while (!pending.isEmpty()) {
            requireRunning(cluster.zooKeeper());
            for (ChildProcess node : List.copyOf(pending)) {
                String missing = missing(node);
                if (missing == null) {
                    pending.remove(node);
                    if (++ready == all / 2 + 1) {
                        deadline = Math.min(deadline, after(STRAGGLER_SECONDS));
                    }
                } else if (!node.isRunning()) {
                    pending.remove(node);
                    failed.put(node, node.name() + " ended: " + node.lastLine());
                } else if (isOver(deadline)) {
                    pending.remove(node);
                    failed.put(node, node.name() + " is not ready: " + missing);
                }
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        if (ready < all) {
            throw notAll(ready, failed);
        }
    }

    private static LocalClusterException notAll(int ready, Map<ChildProcess, String> failed) {
        String why = String.join("; ", failed.values());
        return ready == 0
                ? new LocalClusterException(
                        "the cluster is not ready: " + why + "; see node.log in the data directory" + " of each node")
                : new PartlyStartedException(why + "; the other " + (ready == 1 ? "node is" : ready + " nodes are")
                        + " ready and stay. Mend what is told here or in node.log, then start again");
    }

    /** Why a node is not ready; null if it is. */
    private @Nullable String missing(ChildProcess node) throws IOException {
        if (!node.isRunning() || !serves(node)) {
            return node.lastLine();
        }
        String missing = ReadyCheck.missing(cluster.urlOf(node));
        return missing.isEmpty() ? null : missing;
    }

    /**
     * True if the process says so. What it said at a start long ago may have been deleted since; of such a process its
     * port is believed too, which of a new one another program may have.
     */
    private boolean serves(ChildProcess process) throws IOException {
        return process.saysReady() || (!started.contains(process) && listens(process));
    }

    private boolean listens(ChildProcess process) {
        try (Socket socket = new Socket()) {
            socket.connect(cluster.addressOf(process), CONNECT_MILLIS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void requireRunning(ChildProcess process) throws IOException {
        if (!process.isRunning()) {
            throw new LocalClusterException(process.name() + " ended: " + process.lastLine());
        }
    }

    private static long after(long seconds) {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    private static boolean isOver(long deadline) {
        return System.nanoTime() - deadline > 0;
    }
}
