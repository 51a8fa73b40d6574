package org.deuterium.replica.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.deuterium.replica.log.LogFixture.P0;
import static org.deuterium.replica.log.LogFixture.entry;
import static org.deuterium.replica.log.LogFixture.open;
import static org.deuterium.replica.log.LogFixture.segments;
import static org.deuterium.replica.log.LogFixture.storage;
import static org.deuterium.replica.log.LogFixture.writeBatches;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Headers that cannot be read: files are put aside, what was in them or in a batch is missed, and said. */
class DamagedHeadersTest {

    @TempDir
    Path directory;

    @Test
    void everyDamagedFileIsPutAside() throws Exception {
        for (int life = 1; life <= 3; life++) {
            writeBatches(directory, 2);
            LogFixture.flipBit(segments(directory).get(0), 10);
        }
        open(directory).close();
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(
                    3,
                    files.filter(file -> file.toString().contains(".log.damaged"))
                            .count());
        }
    }

    /** Whoever was killed at once, or could not start for another reason, has not said anywhere what was lost. */
    @Test
    void aNewestFileThatWasPutAsideIsMissedUntilTheReplicasAreMadeAnew() throws Exception {
        writeBatches(directory, 100);
        LogFixture.killedAtItsLastBatch(directory);
        List<Path> files = segments(directory);
        Path newest = files.get(files.size() - 1);
        LogFixture.flipBit(newest, 10);
        open(directory).close();
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
            assertTrue(log.isIncomplete());
        }
        Files.delete(newest.resolveSibling(newest.getFileName() + ".damaged"));
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage(), "somebody made room");
            log.dropReplica(P0);
            log.createReplica(P0, storage(1));
            log.sync();
        }
        try (ReplicationLog log = open(directory)) {
            assertNull(log.partition(P0).damage());
            assertEquals(storage(1), log.partition(P0).storage());
        }
    }

    /** Nothing is known of the replicas whose databases lie there. */
    @Test
    void aLogWhoseOnlyFileWasPutAsideStaysIncomplete() throws Exception {
        writeBatches(directory, 3);
        LogFixture.killedAtItsLastBatch(directory);
        LogFixture.flipBit(segments(directory).get(0), 10);
        open(directory).close();
        try (ReplicationLog log = open(directory)) {
            assertTrue(log.isIncomplete());
        }
    }

    /** Nothing makes such a file long again, and the replicas that are made anew are not damaged by it. */
    @Test
    void aNewestFileThatWasCutIsNotWrittenAnyMore() throws Exception {
        writeBatches(directory, 3);
        Path newest = segments(directory).get(0);
        try (FileChannel file = FileChannel.open(newest, StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        open(directory).close();
        try (ReplicationLog log = open(directory)) {
            assertNotNull(log.partition(P0).damage());
            log.dropReplica(P0);
            log.createReplica(P0, storage(1));
            log.append(P0, entry(1, 1, 64));
            log.sync();
        }
        try (ReplicationLog log = open(directory)) {
            assertNull(log.partition(P0).damage());
            assertEquals(1, log.partition(P0).lastIndex().position());
        }
    }

    /** An operator who reads it at each start, though nothing is left to do, does not believe it the next time. */
    @Test
    void anErrorIsSaidOnlyUntilTheReplicasAreMadeAnew() throws Exception {
        writeBatches(directory, 5);
        Path file = segments(directory).get(0);
        long third = LogFixture.batchOffsets(file)[2];
        LogFixture.flipBit(file, third);
        String said = saidBy(() -> {
            try (ReplicationLog log = open(directory)) {
                log.dropReplica(P0);
                log.createReplica(P0, storage(1));
                log.sync();
            }
        });
        assertTrue(said.contains("ERROR") && said.contains("to be rebuilt from a peer: [" + P0 + "]"), said);
        String later = saidBy(() -> open(directory).close());
        assertTrue(later.contains("cannot be read"), later);
        assertFalse(later.contains("ERROR") || later.contains("rebuilt"), later);
    }

    private static String saidBy(Executable action) {
        PrintStream before = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, UTF_8));
        try {
            assertDoesNotThrow(action);
        } finally {
            System.setErr(before);
        }
        return said.toString(UTF_8);
    }
}
