package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.log.TailFile;
import org.deuterium.transport.EventLoops;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is discarded of a log is kept, but not on the room that the log needs itself. */
@Timeout(120)
class DiscardedTailTest {

    private static final PartitionId P = new PartitionId(3);
    private static final int SEGMENT = 64 << 20;
    private static final int RESERVE = 4 * SEGMENT;

    @TempDir
    Path directory;

    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final ExecutorService background = Executors.newCachedThreadPool();
    private final EventLoops loops = new EventLoops("discarded-tail-test", 1);
    private final AtomicInteger looksUntilNoHeap = new AtomicInteger();
    private volatile long free;
    private ReplicationLog log;
    private NodeLoop loop;

    @BeforeEach
    void open() throws Exception {
        log = ReplicationLog.open(directory.resolve("log"), new LogSettings(4096, 1024), cause -> {
            throw new AssertionError(cause);
        });
        log.createReplica(P, new StorageId("s"));
        for (int i = 1; i <= 3; i++) {
            append(i, 100);
        }
        log.sync();
        loop = new NodeLoop(loops, 0, log, (to, message) -> {}, 10, () -> {}, cause -> {
            throw new AssertionError(cause);
        });
        loop.start();
    }

    private void append(int index, int bytes) {
        log.append(
                P,
                new LogEntry(
                        new Term(1),
                        new LogIndex(index),
                        new Timestamp(index),
                        new TransactionId(7, index),
                        EntryKind.ROWS,
                        new byte[bytes]));
    }

    @AfterEach
    void close() throws Exception {
        loop.stop();
        background.shutdown();
        loops.close();
        log.close();
    }

    private void setAsideAfter(int index) {
        DiscardedTail tail = new DiscardedTail(new Services(), P, new DiskReserve(RESERVE, path -> free));
        loop.submit(now -> tail.setAside(new Term(2), new LogIndex(index), () -> told.add("kept")));
    }

    private String told() throws InterruptedException {
        String words = told.poll(60, TimeUnit.SECONDS);
        assertTrue(words != null, "nothing was told");
        return words;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("tails"))) {
            return files.toList();
        }
    }

    @Test
    void nothingIsWrittenIntoWhatIsLeftToTheLog() throws Exception {
        free = SEGMENT;
        setAsideAfter(1);
        String words = told();
        assertTrue(words.contains("are free on the disk of"), words);
        assertTrue(words.contains("nothing of it is deleted"), words);
        assertEquals(List.of(), files());
        free = SEGMENT + 1000;
        while (!words.equals("kept")) {
            words = told();
        }
        assertEquals(1, files().size());
        assertEquals(2, TailFile.entries(files().get(0)).size());
    }

    /** To let it wait costs more: while it waits nothing of the node's log is deleted. */
    @Test
    void aFewEntriesDoNotNeedAllThatIsLeftToTheLog() throws Exception {
        free = RESERVE - 1;
        setAsideAfter(1);
        assertEquals("kept", told());
        assertEquals(2, TailFile.entries(files().get(0)).size());
    }

    @Test
    void aLongTailLeavesTheLogAllOfItsShare() throws Exception {
        CountDownLatch appended = new CountDownLatch(1);
        loop.submit(now -> {
            for (int i = 4; i <= 12; i++) {
                append(i, 1_000_000);
            }
            appended.countDown();
        });
        assertTrue(appended.await(60, TimeUnit.SECONDS));
        free = RESERVE - 1;
        setAsideAfter(1);
        assertTrue(told().contains("the last 256 MB are left to the log"));
        assertEquals(List.of(), files());
        free = RESERVE;
        String words = told();
        while (!words.equals("kept")) {
            words = told();
        }
        assertEquals(11, TailFile.entries(files().get(0)).size());
    }

    /** Something else fills the disk meanwhile. */
    @Test
    void whatWasBegunIsGivenBack() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        DiskReserve onlyOnce = new DiskReserve(RESERVE, path -> asked.getAndIncrement() == 0 ? RESERVE : 0);
        DiscardedTail tail = new DiscardedTail(new Services(), P, onlyOnce);
        loop.submit(now -> tail.setAside(new Term(2), LogIndex.NONE, () -> told.add("kept")));
        assertFalse(told().equals("kept"));
        assertEquals(List.of(), files());
    }

    /** The replica hears nothing until its tail is kept, so no trouble may be the last try. */
    @Test
    void aHeapThatWasTooSmallOnceIsNoEnd() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        DiskReserve reserve = new DiskReserve(RESERVE, path -> {
            if (asked.getAndIncrement() == 0) {
                throw new OutOfMemoryError("a test says so");
            }
            return RESERVE;
        });
        DiscardedTail tail = new DiscardedTail(new Services(), P, reserve);
        loop.submit(now -> tail.setAside(new Term(2), LogIndex.NONE, () -> told.add("kept")));
        String words = told();
        assertTrue(words.contains("a test says so"), words);
        while (!words.equals("kept")) {
            words = told();
        }
        assertEquals(1, files().size());
    }

    /** The loop reads; what goes wrong there must not be the end of all partitions of the node. */
    @Test
    void aHeapThatWasTooSmallForAnEntryIsNoEnd() throws Exception {
        free = RESERVE;
        looksUntilNoHeap.set(2); // the first is that there is something to be set aside
        setAsideAfter(1);
        String words = told();
        assertTrue(words.contains("a test says so"), words);
        while (!words.equals("kept")) {
            words = told();
        }
        assertEquals(1, files().size());
    }

    /** What a tail uses of a node, and nothing else. */
    private final class Services implements HostServices {

        @Override
        public NodeId node() {
            return new NodeId("n1");
        }

        @Override
        public HostSettings settings() {
            return HostSettings.DEFAULT;
        }

        @Override
        public NodeLoop loop() {
            return loop;
        }

        @Override
        public ReplicationLog log() {
            if (looksUntilNoHeap.decrementAndGet() == 0) {
                throw new OutOfMemoryError("a test says so");
            }
            return log;
        }

        @Override
        public Executor background() {
            return background;
        }

        @Override
        public Path tails() {
            return directory.resolve("tails");
        }

        @Override
        public void replicaWaits(PartitionId partition, @Nullable String words) {
            if (words != null) {
                told.add(words);
            }
        }

        @Override
        public ReplicaBoard board() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Executor applierPool() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<PartitionHost> hosts() {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable PartitionHost host(PartitionId partition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<LogEntry> readLog(PartitionHost host, LogIndex from, long maxBytes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void sendSnapshot(PartitionHost host, NodeId follower) {
            throw new UnsupportedOperationException();
        }

        @Override
        public @Nullable Long snapshotNeedsAfter(PartitionId partition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean keepsWholeLog(PartitionId partition) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void replicaParted(PartitionHost host) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void replicaFailed(PartitionHost host, Throwable cause) {
            throw new UnsupportedOperationException();
        }
    }
}
