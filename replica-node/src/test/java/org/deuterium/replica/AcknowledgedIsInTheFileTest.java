package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.log.LogListing;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * In the loop of real nodes: at the moment a follower's acknowledgement leaves, what it acknowledges is in the follower's
 * file, which is written and synced in one step; and a new leader speaks only once a majority has its promise in the file.
 */
@Timeout(240)
class AcknowledgedIsInTheFileTest {

    private static final PartitionId P = PartitionId.HOME;
    private static final String LOOP = "deuterium-node-loop-";

    /** Files that are read at each message are to be short. */
    private static final HostSettings SHORT_FILES = new HostSettings(
            20,
            2,
            1 << 20,
            20_000,
            1 << 20,
            1 << 20,
            64 << 10,
            3_000,
            64L << 20,
            64L << 20,
            new LogSettings(64 << 10, 64 << 10),
            ReplicaSettings.DEFAULT,
            StorageSettings.DEFAULT);

    @TempDir
    Path root;

    private final ConcurrentLinkedQueue<String> tooEarly = new ConcurrentLinkedQueue<>();
    private final AtomicInteger acknowledgements = new AtomicInteger();
    private final Map<Long, Boolean> promised = new HashMap<>();

    /** What the file of a node's log holds at this moment. */
    private static final class InTheFile implements LogListing.Reader {

        private final Map<Long, Long> termOfIndex = new HashMap<>();
        private long promise;

        static InTheFile of(Path node) throws IOException {
            InTheFile found = new InTheFile();
            LogListing.read(node.resolve("log"), found);
            return found;
        }

        @Override
        public void entry(PartitionId partition, LogEntry entry) {
            termOfIndex.put(entry.index().position(), entry.term().number());
        }

        @Override
        public void discarded(PartitionId partition, LogIndex after) {
            termOfIndex.keySet().removeIf(index -> index > after.position());
        }

        @Override
        public void promised(PartitionId partition, Term term) {
            promise = Math.max(promise, term.number());
        }

        @Override
        public void unreadable(Path file, long offset) {}
    }

    /** Runs in the loop of whoever sends. */
    private boolean look(Message message) {
        try {
            if (message instanceof AppendAnswer answer && answer.accepted()) {
                String sender = Thread.currentThread().getName();
                int at = sender.indexOf(LOOP);
                assertTrue(at >= 0, sender);
                String node = sender.substring(at + LOOP.length()).replaceAll("[^n0-9].*", "");
                InTheFile file = InTheFile.of(root.resolve(node));
                long index = answer.index().position();
                if (index > 0 && !file.termOfIndex.containsKey(index)) {
                    tooEarly.add(node + " acknowledges " + index + ", and its file ends at "
                            + file.termOfIndex.keySet().stream().max(Long::compare));
                }
                acknowledgements.incrementAndGet();
            } else if (message instanceof AppendEntries append) {
                lookAtPromises(append.term().number());
            }
        } catch (IOException e) {
            tooEarly.add(e.toString());
        }
        return true;
    }

    private synchronized void lookAtPromises(long term) throws IOException {
        if (promised.put(term, true) == null) {
            int promises = 0;
            for (int number = 1; number <= 3; number++) {
                promises += InTheFile.of(root.resolve(FakeCluster.id(number).name())).promise >= term ? 1 : 0;
            }
            if (promises < 2) {
                tooEarly.add("the leader of term " + term + " speaks, and " + promises + " promises are in a file");
            }
        }
    }

    @Test
    void nothingIsSaidBeforeItIsWritten() throws Exception {
        try (FakeCluster cluster = new FakeCluster(root, SHORT_FILES)) {
            for (int number = 1; number <= 3; number++) {
                cluster.start(number);
            }
            cluster.arrives = (to, message) -> look(message);
            cluster.createPartition(P);
            cluster.schema(P, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            cluster.update(P, "INSERT INTO T VALUES (1, 0)");
            for (int i = 0; i < 20; i++) {
                cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
            }
            NodeId before = cluster.board.awaitLeader(P);
            cluster.stop(before);
            cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
            assertEquals(21, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        }
        assertEquals(List.of(), List.copyOf(tooEarly));
        assertTrue(acknowledgements.get() > 20, acknowledgements + " acknowledgements were looked at");
        assertTrue(promised.size() >= 2, "terms " + promised.keySet());
    }
}
