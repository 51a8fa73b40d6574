package org.deuterium.replica.log;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random work on a log, ended again and again by a crash that tears the last batch; a plain model tells the truth. */
class LogCrashPropertyTest {

    private static final int PARTITIONS = 4;

    @TempDir
    Path directory;

    /** What must be there of one partition. */
    private static final class Model {
        final List<Long> terms = new ArrayList<>();
        long promised;
        long checkpoint;

        Model copy() {
            Model copy = new Model();
            copy.terms.addAll(terms);
            copy.promised = promised;
            copy.checkpoint = checkpoint;
            return copy;
        }
    }

    @ParameterizedTest(name = "-Dseed={0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void everySyncedBatchSurvivesAndNothingElse(long seed) throws Exception {
        Random random = new Random(Long.getLong("seed", seed));
        Map<Integer, Model> durable = new HashMap<>();
        for (int life = 0; life < 8; life++) {
            byte[] proven;
            try (ReplicationLog log = LogFixture.open(directory)) {
                check(log, durable);
                if (life == 0) {
                    for (int p = 0; p < PARTITIONS; p++) {
                        log.createReplica(new PartitionId(p), LogFixture.storage(p));
                        durable.put(p, new Model());
                    }
                    log.sync();
                }
                int batches = random.nextInt(60);
                for (int i = 0; i < batches; i++) {
                    batch(log, durable, random);
                    log.sync();
                    if (random.nextInt(20) == 0) {
                        log.proveWhenIdle(0);
                        log.proveWhenIdle(Integer.MAX_VALUE);
                    }
                    if (random.nextInt(10) == 0) {
                        log.truncate(0, p -> log.partition(p).checkpointIndex().position() + 1);
                    }
                }
                Map<Integer, Model> torn = new HashMap<>();
                durable.forEach((p, model) -> torn.put(p, model.copy()));
                batch(log, torn, random);
                int segmentsBefore = LogFixture.segments(directory).size();
                log.sync();
                proven = Files.readAllBytes(directory.resolve(ProvenEnd.FILE));
                if (LogFixture.segments(directory).size() > segmentsBefore) {
                    durable = torn; // the batch filled its segment: it is no tail any more
                    continue;
                }
            }
            Files.write(directory.resolve(ProvenEnd.FILE), proven); // who is killed proves nothing at the end
            tearLastBatch(random);
        }
        try (ReplicationLog log = LogFixture.open(directory)) {
            check(log, durable);
        }
    }

    private static void batch(ReplicationLog log, Map<Integer, Model> models, Random random) {
        for (int step = 0; step <= random.nextInt(6); step++) {
            int number = random.nextInt(PARTITIONS);
            PartitionId partition = new PartitionId(number);
            Model model = models.get(number);
            switch (random.nextInt(10)) {
                case 0 -> {
                    model.promised += random.nextInt(3);
                    log.promise(partition, new Term(model.promised));
                }
                case 1 -> {
                    long to = model.checkpoint + random.nextInt((int) (model.terms.size() - model.checkpoint) + 1);
                    while (model.terms.size() > to) {
                        model.terms.remove(model.terms.size() - 1);
                    }
                    log.discardAfter(partition, new LogIndex(to));
                }
                case 2 -> {
                    model.checkpoint += random.nextInt((int) (model.terms.size() - model.checkpoint) + 1);
                    if (model.checkpoint > 0) {
                        Term term = log.partition(partition).termAt(new LogIndex(model.checkpoint));
                        log.checkpoint(partition, new LogIndex(model.checkpoint), term);
                    }
                }
                default -> {
                    long last = model.terms.isEmpty() ? 1 : model.terms.get(model.terms.size() - 1);
                    long term = last + (random.nextInt(8) == 0 ? 1 : 0);
                    model.terms.add(term);
                    log.append(
                            partition,
                            LogFixture.entry(term, model.terms.size(), random.nextInt(random.nextInt(400) + 1)));
                }
            }
        }
    }

    /** The last batch reaches the disk only in part: some sectors are still zeros, or hold half of what was written. */
    private void tearLastBatch(Random random) throws Exception {
        List<Path> segments = LogFixture.segments(directory);
        Path last = segments.get(segments.size() - 1);
        long[] offsets = LogFixture.batchOffsets(last);
        if (offsets.length < 2) {
            throw new AssertionError("no batch in " + last);
        }
        long start = offsets[offsets.length - 2];
        long end = offsets[offsets.length - 1];
        if (end - start < 16) {
            throw new AssertionError("a batch of " + (end - start) + " bytes");
        }
        long from = start + random.nextInt((int) (end - start - 12));
        LogFixture.zero(last, from, random.nextBoolean() ? end : Math.min(end, from + 12));
        byte[] bytes = Files.readAllBytes(last);
        assertNotNull(bytes);
    }

    private static void check(ReplicationLog log, Map<Integer, Model> models) {
        assertEquals(models.size(), log.partitions().size());
        models.forEach((number, model) -> {
            PartitionId partition = new PartitionId(number);
            PartitionLog found = log.partition(partition);
            assertNotNull(found);
            assertNull(found.damage());
            assertEquals(model.promised, found.promised().number());
            assertEquals(model.checkpoint, found.checkpointIndex().position());
            assertEquals(model.terms.size(), found.lastIndex().position());
            if (found.firstIndex().isAfter(found.lastIndex())) {
                return;
            }
            List<LogEntry> entries = log.entries(partition, found.firstIndex(), Long.MAX_VALUE);
            assertEquals(found.lastIndex().position() - found.firstIndex().position() + 1, entries.size());
            for (LogEntry entry : entries) {
                int index = (int) entry.index().position();
                assertEquals(model.terms.get(index - 1), entry.term().number());
                assertArrayEquals(
                        LogFixture.entry(entry.term().number(), index, entry.payload().length)
                                .payload(),
                        entry.payload());
            }
        });
    }
}
