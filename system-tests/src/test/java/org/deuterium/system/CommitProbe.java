package org.deuterium.system;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.PartitionId;

/** A client that writes one row of one partition through one node, again and again, and notes when each commit came. */
final class CommitProbe {

    private static final int PAUSE_MILLIS = 20;

    private final PartitionId partition;
    private final String node;
    private final String url;
    private final int key;
    private final Thread thread;
    private final List<Commit> commits = new ArrayList<>();
    private volatile boolean stopping;
    private volatile String doing = "nothing yet";

    /** When a commit was asked for and acknowledged, by System.nanoTime. */
    private record Commit(long begunNanos, long doneNanos) {}

    /** Begins at once. */
    CommitProbe(PartitionId partition, String node, String url, int key) {
        this.partition = partition;
        this.node = node;
        this.url = url;
        this.key = key;
        this.thread = new Thread(this::run, "probe-" + partition + "-" + node);
        thread.setDaemon(true);
        thread.start();
    }

    PartitionId partition() {
        return partition;
    }

    String node() {
        return node;
    }

    private void run() {
        while (!stopping) {
            doing = "connecting, after " + doing;
            try (Connection connection = DriverManager.getConnection(url);
                    PreparedStatement statement =
                            connection.prepareStatement("UPDATE COUNTERS SET V = V + 1 WHERE K = ?")) {
                statement.setInt(1, key);
                while (!stopping) {
                    doing = "writing";
                    long begun = System.nanoTime();
                    if (statement.executeUpdate() == 1) {
                        note(new Commit(begun, System.nanoTime()));
                    }
                    pause();
                }
            } catch (SQLException e) {
                doing = e.getSQLState() + " " + e.getMessage();
                pause(); // its node, or the leader, is gone: again
            }
        }
    }

    private synchronized void note(Commit commit) {
        commits.add(commit);
        notifyAll();
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** When the first commit that began after this moment was acknowledged; 0 if there is none in time. */
    synchronized long awaitCommitBegunAfter(long nanos, long timeoutMillis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (true) {
            Commit first = null;
            for (int i = commits.size() - 1; i >= 0 && commits.get(i).begunNanos() > nanos; i--) {
                first = commits.get(i);
            }
            if (first != null) {
                return first.doneNanos();
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (left <= 0) {
                return 0;
            }
            wait(left);
        }
    }

    /** The longest time without an acknowledgement from this moment on, the one under way then included. */
    synchronized long longestGapMillisSince(long nanos) {
        long last = 0;
        long longest = 0;
        for (Commit commit : commits) {
            if (last != 0 && commit.doneNanos() > nanos) {
                longest = Math.max(longest, commit.doneNanos() - last);
            }
            last = commit.doneNanos();
        }
        return TimeUnit.NANOSECONDS.toMillis(Math.max(longest, System.nanoTime() - last));
    }

    void stop() {
        stopping = true;
        thread.interrupt();
    }

    @Override
    public String toString() {
        return "the probe of " + partition + " through " + node + " (" + doing + ")";
    }
}
