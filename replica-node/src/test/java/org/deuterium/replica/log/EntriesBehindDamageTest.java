package org.deuterium.replica.log;

import static org.deuterium.replica.log.LogFixture.P0;
import static org.deuterium.replica.log.LogFixture.P1;
import static org.deuterium.replica.log.LogFixture.batchOffsets;
import static org.deuterium.replica.log.LogFixture.entry;
import static org.deuterium.replica.log.LogFixture.open;
import static org.deuterium.replica.log.LogFixture.segments;
import static org.deuterium.replica.log.LogFixture.storage;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a damaged log still gives, for people. */
class EntriesBehindDamageTest {

    @TempDir
    Path directory;

    /** Every entry that can be read, as "term.index". */
    private static List<String> readable(ReplicationLog log) {
        PartitionLog p0 = log.partition(P0);
        assertNotNull(p0);
        List<String> all = new ArrayList<>();
        LogIndex next = p0.readableFrom(LogIndex.NONE);
        while (next != null) {
            for (LogEntry entry : log.entries(P0, next, 1)) {
                all.add(entry.term().number() + "." + entry.index().position());
                next = entry.index().next();
            }
            next = p0.readableFrom(next);
        }
        assertEquals(
                all.isEmpty()
                        ? p0.lastReadable()
                        : new LogIndex(Long.parseLong(all.get(all.size() - 1).split("\\.")[1])),
                p0.lastReadable());
        return all;
    }

    private void damageBatch(int number) throws Exception {
        Path segment = segments(directory).get(0);
        LogFixture.flipBit(segment, batchOffsets(segment)[number] + BatchFormat.HEADER_BYTES + 20);
    }

    /** A batch for each; the first is that of the creation. */
    private static void append(ReplicationLog log, long term, long from, long through) {
        for (long index = from; index <= through; index++) {
            log.append(P0, entry(term, index, 20));
            log.sync();
        }
    }

    private static void create(ReplicationLog log) {
        log.createReplica(P0, storage(0));
        log.sync();
    }

    @Test
    void theEntriesBeforeAndAfterDamagedBatches() throws Exception {
        try (ReplicationLog log = open(directory)) {
            create(log);
            append(log, 1, 1, 9);
        }
        damageBatch(3);
        damageBatch(6);
        damageBatch(7);
        for (int start = 1; start <= 2; start++) { // damage is found again
            try (ReplicationLog log = open(directory)) {
                assertNotNull(log.partition(P0).damage());
                assertEquals(List.of("1.1", "1.2", "1.4", "1.5", "1.8", "1.9"), readable(log));
            }
        }
    }

    @Test
    void whatWasDiscardedOrReplacedLaterIsNotAmongThem() throws Exception {
        try (ReplicationLog log = open(directory)) {
            create(log);
            append(log, 1, 1, 6);
            log.discardAfter(P0, new LogIndex(4));
            append(log, 2, 5, 5);
        }
        damageBatch(3);
        try (ReplicationLog log = open(directory)) {
            assertEquals(List.of("1.1", "1.2", "1.4", "2.5"), readable(log));
        }
        damageBatch(7); // nothing says now that anything was discarded
        try (ReplicationLog log = open(directory)) {
            assertEquals(List.of("1.1", "1.2", "1.4", "1.5", "1.6"), readable(log));
        }
    }

    @Test
    void aSnapshotBehindDamageBeginsAnew() throws Exception {
        try (ReplicationLog log = open(directory)) {
            create(log);
            append(log, 1, 1, 4);
            log.snapshotInstalled(P0, new LogIndex(20), new Term(2), new Timestamp(20));
            append(log, 2, 21, 22);
        }
        damageBatch(2);
        try (ReplicationLog log = open(directory)) {
            assertEquals(List.of("2.21", "2.22"), readable(log));
        }
    }

    /** Its segments stay while somebody wants its entries, whatever other partitions need. */
    @Test
    void theyAreKeptUntilTheLogEnds() throws Exception {
        try (ReplicationLog log = open(directory)) {
            create(log);
            append(log, 1, 1, 5);
        }
        damageBatch(3);
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P1, storage(1));
            for (int i = 1; segments(directory).size() < 4; i++) {
                log.append(P1, entry(1, i, 500));
                log.sync();
            }
            log.checkpoint(P1, log.partition(P1).lastIndex(), new Term(1));
            Path oldest = segments(directory).get(0);
            assertEquals(List.of(P0), log.truncate(0, partition -> partition.equals(P0) ? 0 : Long.MAX_VALUE));
            assertTrue(Files.exists(oldest));
            assertEquals(List.of("1.1", "1.2", "1.4", "1.5"), readable(log));
            log.truncate(0, partition -> Long.MAX_VALUE);
            assertTrue(Files.notExists(oldest));
            assertNull(log.partition(P0).readableFrom(LogIndex.NONE));
        }
    }

    /** Nobody else may have it, and all but a bit of it can be read. */
    @Test
    void aNewestBatchThatWasWholeIsKeptBeforeItIsWrittenOver() throws Exception {
        try (ReplicationLog log = open(directory)) {
            create(log);
            append(log, 1, 1, 5);
        }
        Path segment = segments(directory).get(0);
        long[] offsets = batchOffsets(segment);
        LogFixture.flipBit(segment, offsets[offsets.length - 2] + 1);
        byte[] found = Arrays.copyOf(Files.readAllBytes(segment), (int) offsets[offsets.length - 1]);
        for (int start = 1; start <= 2; start++) {
            try (ReplicationLog log = open(directory)) {
                assertNotNull(log.partition(P0).damage());
            }
        }
        byte[] kept = Files.readAllBytes(segment.resolveSibling(segment.getFileName() + ".damaged"));
        assertArrayEquals(found, Arrays.copyOf(kept, found.length));
        assertFalse(Files.exists(segment.resolveSibling(segment.getFileName() + ".damaged-2")), "there was no more");
    }
}
