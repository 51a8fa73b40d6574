package org.deuterium.replica.log;

import static org.deuterium.replica.log.LogFixture.P0;
import static org.deuterium.replica.log.LogFixture.P1;
import static org.deuterium.replica.log.LogFixture.batchOffsets;
import static org.deuterium.replica.log.LogFixture.entry;
import static org.deuterium.replica.log.LogFixture.open;
import static org.deuterium.replica.log.LogFixture.segments;
import static org.deuterium.replica.log.LogFixture.storage;
import static org.deuterium.replica.log.LogFixture.writeBatches;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log's files: what is there after a crash, a torn tail, and damage of each kind. */
class ReplicationLogTest {

    @TempDir
    Path directory;

    @Test
    void whatWasSyncedIsThereAfterReopening() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.createReplica(P1, storage(1));
            log.promise(P0, new Term(3));
            for (int i = 1; i <= 200; i++) {
                log.append(P0, entry(3, i, 100));
                if (i % 3 == 0) {
                    log.append(P1, entry(1, i / 3, 10));
                }
                if (i % 7 == 0) {
                    log.sync();
                }
            }
            log.checkpoint(P0, new LogIndex(50), new Term(3));
            log.sync();
        }
        assertTrue(segments(directory).size() > 3, "the test is to cross segments");
        try (ReplicationLog log = open(directory)) {
            PartitionLog p0 = log.partition(P0);
            assertNotNull(p0);
            assertNull(p0.damage());
            assertEquals(storage(0), p0.storage());
            assertEquals(new Term(3), p0.promised());
            assertEquals(new LogIndex(200), p0.lastIndex());
            assertEquals(new LogIndex(50), p0.checkpointIndex());
            assertEquals(new LogIndex(66), log.partition(P1).lastIndex());
            List<LogEntry> read = log.entries(P0, new LogIndex(1), Long.MAX_VALUE);
            assertEquals(200, read.size());
            for (int i = 0; i < 200; i++) {
                assertEquals(i + 1, read.get(i).index().position());
                assertArrayEquals(entry(3, i + 1, 100).payload(), read.get(i).payload());
            }
        }
    }

    @Test
    void unsyncedRecordsAreNotThereAfterReopening() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.append(P0, entry(1, 1, 10));
            log.sync();
            log.append(P0, entry(1, 2, 10));
            assertEquals(
                    new LogIndex(2), log.entries(P0, new LogIndex(2), 1).get(0).index());
        }
        try (ReplicationLog log = open(directory)) {
            assertEquals(new LogIndex(1), log.partition(P0).lastIndex());
        }
    }

    @Test
    void tornTailIsCutAndWrittenOver() throws Exception {
        writeBatches(directory, 5);
        Path segment = segments(directory).get(0);
        long[] offsets = batchOffsets(segment);
        long lastStart = offsets[offsets.length - 2];
        LogFixture.zero(segment, lastStart + 40, offsets[offsets.length - 1]);
        LogFixture.killedAtItsLastBatch(directory);
        try (ReplicationLog log = open(directory)) {
            PartitionLog p0 = log.partition(P0);
            assertNull(p0.damage());
            assertEquals(new LogIndex(4), p0.lastIndex());
            log.append(P0, entry(2, 5, 20));
            log.sync();
        }
        try (ReplicationLog log = open(directory)) {
            assertNull(log.partition(P0).damage());
            assertEquals(new Term(2), log.partition(P0).lastTerm());
        }
    }

    @Test
    void bitFlipBeforeALaterBatchMarksOnlyThePartitionsOfThatBatch() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.createReplica(P1, storage(1));
            log.sync();
            log.append(P0, entry(1, 1, 50));
            log.sync();
            log.append(P1, entry(1, 1, 50));
            log.sync();
        }
        Path segment = segments(directory).get(0);
        LogFixture.flipBit(segment, batchOffsets(segment)[1] + BatchFormat.HEADER_BYTES + 30);
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
            assertNull(log.partition(P1).damage());
            assertEquals(new LogIndex(1), log.partition(P1).lastIndex());
            assertThrows(IllegalStateException.class, () -> log.append(P0, entry(1, 2, 5)));
            log.createReplica(P0, storage(9));
            log.append(P0, entry(2, 1, 5));
            log.sync();
        }
        try (ReplicationLog log = open(directory)) {
            assertNull(log.partition(P0).damage(), "a rebuilt replica starts anew");
            assertEquals(storage(9), log.partition(P0).storage());
            assertEquals(new Term(2), log.partition(P0).lastTerm());
        }
    }

    @Test
    void aDamagedHeaderMarksEveryPartition() throws Exception {
        writeBatches(directory, 5);
        Path segment = segments(directory).get(0);
        LogFixture.flipBit(segment, batchOffsets(segment)[2] + 5);
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
        }
    }

    @Test
    void damageIsRememberedAcrossSegments() throws Exception {
        writeBatches(directory, 5);
        Path first = segments(directory).get(0);
        LogFixture.flipBit(first, batchOffsets(first)[2] + 5);
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P1, storage(1));
            for (int i = 1; i <= 200; i++) {
                log.append(P1, entry(1, i, 100));
                log.sync();
            }
            log.checkpoint(P1, new LogIndex(200), new Term(1));
            log.sync();
            log.truncate(0, partition -> Long.MAX_VALUE);
        }
        assertTrue(Files.notExists(first), "the damaged segment is to be gone");
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
            assertNull(log.partition(P1).damage());
        }
    }

    @Test
    void aMissingSegmentIsDamage() throws Exception {
        writeBatches(directory, 300);
        List<Path> files = segments(directory);
        Files.delete(files.get(1));
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
        }
    }

    @Test
    void discardIsObeyedAtReplay() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            for (int i = 1; i <= 100; i++) {
                log.append(P0, entry(1, i, 100));
                log.sync();
            }
            log.discardAfter(P0, new LogIndex(60));
            log.append(P0, entry(2, 61, 7));
            log.sync();
            assertEquals(new Term(1), log.partition(P0).termAt(new LogIndex(60)));
        }
        try (ReplicationLog log = open(directory)) {
            PartitionLog p0 = log.partition(P0);
            assertEquals(new LogIndex(61), p0.lastIndex());
            assertEquals(new Term(2), p0.lastTerm());
            assertEquals(new Term(1), p0.termAt(new LogIndex(60)));
            assertEquals(7, log.entries(P0, new LogIndex(61), 1).get(0).payload().length);
        }
    }

    @Test
    void appliedEntriesAreNeverDiscarded() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.append(P0, entry(1, 1, 1));
            log.append(P0, entry(1, 2, 1));
            log.checkpoint(P0, new LogIndex(2), new Term(1));
            assertThrows(IllegalStateException.class, () -> log.discardAfter(P0, new LogIndex(1)));
        }
    }

    @Test
    void segmentsGoWhenNoPartitionNeedsThem() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.createReplica(P1, storage(1));
            log.promise(P1, new Term(8));
            log.append(P1, entry(8, 1, 10));
            for (int i = 1; i <= 300; i++) {
                log.append(P0, entry(1, i, 100));
                log.sync();
            }
            int before = segments(directory).size();
            log.checkpoint(P0, new LogIndex(200), new Term(1));
            assertEquals(
                    List.of(P1),
                    log.truncate(0, p -> log.partition(p).checkpointIndex().position() + 1),
                    "the idle partition keeps the oldest segment");
            log.checkpoint(P1, new LogIndex(1), new Term(8));
            log.sync();
            log.truncate(0, p -> log.partition(p).checkpointIndex().position() + 1);
            assertTrue(segments(directory).size() < before);
            assertTrue(log.partition(P0).firstIndex().position() <= 201);
            assertTrue(log.partition(P0).firstIndex().position() > 100);
        }
        try (ReplicationLog log = open(directory)) {
            assertNull(log.partition(P0).damage());
            assertNull(log.partition(P1).damage());
            assertEquals(new LogIndex(300), log.partition(P0).lastIndex());
            assertEquals(new Term(8), log.partition(P1).promised());
            assertEquals(new LogIndex(1), log.partition(P1).lastIndex());
            assertEquals(new Term(8), log.partition(P1).lastTerm());
            assertEquals(100, log.entries(P0, new LogIndex(201), Long.MAX_VALUE).size());
        }
    }

    /** The file is there, but not yet the batch that says how the partitions stand at its beginning. */
    @Test
    void aCrashWhileASegmentBeginsIsNoDamageLater() throws Exception {
        int entries = 0;
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.createReplica(P1, storage(1));
            while (segments(directory).size() < 2) {
                log.append(P0, entry(1, ++entries, 100));
                log.sync();
            }
        }
        Path newest = segments(directory).get(1);
        LogFixture.zero(newest, LogSegment.HEADER_BYTES, Files.size(newest));
        LogFixture.killedAtItsLastBatch(directory);
        try (ReplicationLog log = open(directory)) {
            while (segments(directory).size() < 4) {
                log.append(P0, entry(1, ++entries, 100));
                log.sync();
            }
            log.checkpoint(P0, new LogIndex(entries), new Term(1));
            log.sync();
            log.truncate(log.bytes() - 1, p -> Long.MAX_VALUE);
            assertEquals(newest, segments(directory).get(0));
        }
        try (ReplicationLog log = open(directory)) {
            assertNull(log.partition(P0).damage());
            assertNull(log.partition(P1).damage());
            assertEquals(storage(1), log.partition(P1).storage());
            assertEquals(new LogIndex(entries), log.partition(P0).lastIndex());
        }
    }

    @Test
    void aSnapshotRestartsTheLogAfterIt() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.append(P0, entry(1, 1, 1));
            log.snapshotInstalled(P0, new LogIndex(500), new Term(4), new Timestamp(77));
            log.append(P0, entry(5, 501, 1));
            log.sync();
        }
        try (ReplicationLog log = open(directory)) {
            PartitionLog p0 = log.partition(P0);
            assertNull(p0.damage());
            assertEquals(new LogIndex(501), p0.firstIndex());
            assertEquals(new Term(4), p0.termAt(new LogIndex(500)));
            assertEquals(new LogIndex(500), p0.checkpointIndex());
            assertEquals(new Timestamp(501), p0.lastTimestamp());
        }
    }

    @Test
    void aBatchLargerThanASegmentIsReadBack() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.append(P0, entry(1, 1, 3_000_000));
            log.sync();
            log.append(P0, entry(1, 2, 10));
            log.sync();
            assertEquals(3_000_000, log.entries(P0, new LogIndex(1), 1).get(0).payload().length);
        }
        try (ReplicationLog log = open(directory)) {
            assertEquals(new LogIndex(2), log.partition(P0).lastIndex());
            assertArrayEquals(
                    entry(1, 1, 3_000_000).payload(),
                    log.entries(P0, new LogIndex(1), 1).get(0).payload());
        }
    }

    @Test
    void aPayloadThatContainsTheImageOfABatchIsNoBatch() throws Exception {
        writeBatches(directory, 3);
        Path segment = segments(directory).get(0);
        long[] offsets = batchOffsets(segment);
        byte[] file = Files.readAllBytes(segment);
        byte[] image = java.util.Arrays.copyOfRange(file, (int) offsets[2], (int) offsets[3]);
        Path other = directory.resolve("other");
        try (ReplicationLog log = open(other)) {
            log.createReplica(P0, storage(0));
            log.sync();
            LogEntry model = entry(1, 1, 0);
            log.append(
                    P0,
                    new LogEntry(
                            model.term(), model.index(), model.timestamp(), model.transaction(), model.kind(), image));
            log.sync();
        }
        Path torn = segments(other).get(0);
        long[] tornOffsets = batchOffsets(torn);
        LogFixture.zero(torn, tornOffsets[2] - 16, tornOffsets[2]);
        LogFixture.killedAtItsLastBatch(other);
        try (ReplicationLog log = open(other)) {
            assertNull(log.partition(P0).damage(), "a torn tail, whatever its payload looks like");
            assertEquals(LogIndex.NONE, log.partition(P0).lastIndex());
        }
    }

    @Test
    void aFailedWriteEndsTheProcess() throws Exception {
        Exception[] reported = new Exception[1];
        ReplicationLog log = ReplicationLog.open(directory, LogFixture.SMALL, cause -> reported[0] = cause);
        log.createReplica(P0, storage(0));
        log.sync();
        log.append(P0, entry(1, 1, 10));
        log.close();
        assertThrows(IllegalStateException.class, log::sync);
        assertNotNull(reported[0]);
        assertThrows(IllegalStateException.class, () -> log.append(P0, entry(1, 2, 10)));
    }

    @Test
    void aDirectoryBelongsToOneNodeAndOneProcess() throws Exception {
        NodeId n1 = new NodeId("n1");
        try (LogDirectory mine = LogDirectory.open(directory, n1, "c")) {
            WrongDirectoryException twice =
                    assertThrows(WrongDirectoryException.class, () -> LogDirectory.open(directory, n1, "c"));
            assertTrue(twice.getMessage().contains("in use"), twice.getMessage());
            assertEquals(directory.resolve("log"), mine.log());
        }
        WrongDirectoryException other =
                assertThrows(WrongDirectoryException.class, () -> LogDirectory.open(directory, new NodeId("n2"), "c"));
        assertTrue(other.getMessage().contains("node n1"), other.getMessage());
        LogDirectory.open(directory, n1, "c").close();
    }

    @Test
    void aCopyOfAnOlderSegmentFileIsNotBelieved() throws Exception {
        writeBatches(directory, 10);
        Path segment = segments(directory).get(0);
        Path copy = directory.resolve("copy");
        Files.copy(segment, copy);
        try (ReplicationLog log = open(directory)) {
            for (int i = 11; i <= 200; i++) {
                log.append(P0, entry(1, i, 100));
                log.sync();
            }
        }
        Files.move(copy, segment, StandardCopyOption.REPLACE_EXISTING);
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
        }
    }

    /** It looks as what a crash leaves, but the process stopped in good order: nothing was being written. */
    @Test
    void aBitFlipInTheNewestBatchMarksThePartitionsOfThatBatch() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.createReplica(P1, storage(1));
            log.append(P1, entry(1, 1, 50));
            log.sync();
            log.append(P0, entry(1, 1, 50));
            log.sync();
        }
        Path segment = segments(directory).get(0);
        LogFixture.flipBit(segment, batchOffsets(segment)[1] + BatchFormat.HEADER_BYTES + 30);
        for (int start = 1; start <= 2; start++) {
            try (ReplicationLog log = open(directory)) {
                assertNotNull(log.partition(P0).damage());
                assertNull(log.partition(P1).damage());
            }
        }
    }

    /** Sectors, not bytes, are what disks lose; a file that is gone leaves no trace in those before it. */
    @Test
    void theEndOfTheLogIsMissed() throws Exception {
        writeBatches(directory, 5);
        Path segment = segments(directory).get(0);
        long[] offsets = batchOffsets(segment);
        LogFixture.zero(segment, offsets[offsets.length - 2], Files.size(segment));
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
            log.createReplica(P1, storage(1));
            log.append(P1, entry(1, 1, 50));
            log.sync();
        }
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage(), "it was not made anew yet");
            assertNull(log.partition(P1).damage());
            assertEquals(new LogIndex(1), log.partition(P1).lastIndex());
        }
    }

    @Test
    void theNewestFileIsMissed() throws Exception {
        writeBatches(directory, 100);
        List<Path> files = segments(directory);
        Files.delete(files.get(files.size() - 1));
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
        }
    }

    /** A node that is killed has proven what it wrote, if it wrote nothing for a second before. */
    @Test
    void afterASecondOfQuietTheNewestBatchIsProven() throws Exception {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            log.sync();
            log.proveWhenIdle(10_000);
            log.proveWhenIdle(10_500);
            assertEquals(0, provenSequence());
            log.append(P0, entry(1, 1, 50));
            log.sync();
            log.proveWhenIdle(11_200);
            assertEquals(0, provenSequence(), "a batch came in between");
            log.proveWhenIdle(12_200);
            assertEquals(3, provenSequence());
        }
    }

    private long provenSequence() throws Exception {
        try (ProvenEnd end = ProvenEnd.open(directory)) {
            return end.sequence();
        }
    }
}
