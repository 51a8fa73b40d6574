package org.deuterium.replica.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What people can look at: tails that were set aside, and the log itself. */
class TailFileTest {

    private static final PartitionId P = new PartitionId(4);

    @TempDir
    Path directory;

    private static LogEntry entry(long term, long index) {
        return new LogEntry(
                new Term(term),
                new LogIndex(index),
                Timestamp.ofMillis(1_700_000_000_000L + index),
                new TransactionId(7, index),
                EntryKind.ROWS,
                new byte[] {(byte) index, 1, 2});
    }

    private Path write(LogEntry... entries) throws IOException {
        try (TailFile tail = TailFile.create(directory, P, new Term(5), entries[0].index())) {
            for (LogEntry entry : entries) {
                tail.append(List.of(entry));
            }
            return tail.finish();
        }
    }

    private static List<String> read(Path file) throws IOException {
        List<String> said = new ArrayList<>();
        TailFile.read(file, new TailFile.Reader() {
            @Override
            public void begins(PartitionId partition, Term gaveWayTo) {
                said.add(partition + " gave way to " + gaveWayTo);
            }

            @Override
            public void entry(PartitionId partition, LogEntry entry) {
                said.add(entry.term() + " " + entry.index());
            }

            @Override
            public void wasUnreadable(PartitionId partition, LogIndex first, LogIndex last) {
                said.add("unreadable " + first + " to " + last);
            }

            @Override
            public void damaged(long offset) {
                said.add("damaged at " + offset);
            }
        });
        return said;
    }

    @Test
    void aTailIsReadAsItWasWritten() throws Exception {
        Path file = write(entry(3, 11), entry(3, 12));
        assertEquals("4-5-11.tail", file.getFileName().toString());
        assertEquals(List.of(file), TailFile.list(directory));
        assertEquals(List.of("p4 gave way to t5", "t3 i11", "t3 i12"), read(file));
        assertEquals(List.of(entry(3, 11), entry(3, 12)), TailFile.entries(file));
        assertEquals(12, TailFile.entries(file).get(1).payload()[0]);
    }

    @Test
    void aTailThatWasNotFinishedIsNoTail() throws Exception {
        try (TailFile tail = TailFile.create(directory, P, new Term(5), new LogIndex(11))) {
            tail.append(List.of(entry(3, 11)));
        }
        assertEquals(List.of(), TailFile.list(directory));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void whatTheLogCouldNotReadIsToldBetweenTheRest() throws Exception {
        Path file;
        try (TailFile tail = TailFile.create(directory, P, new Term(5), new LogIndex(11))) {
            tail.append(List.of(entry(3, 11)));
            tail.appendUnreadable(new LogIndex(12), new LogIndex(14));
            tail.append(List.of(entry(4, 15)));
            file = tail.finish();
        }
        assertEquals(List.of("p4 gave way to t5", "t3 i11", "unreadable i12 to i14", "t4 i15"), read(file));
    }

    /** A log may begin alike twice in a term: once it gave way, then it was damaged. */
    @Test
    void aTailTakesTheNameOfNoOtherOne() throws Exception {
        Path file = write(entry(3, 11), entry(3, 12));
        assertEquals(file, write(entry(3, 11), entry(3, 12)));
        Path other = write(entry(5, 11));
        assertEquals("4-5-11-2.tail", other.getFileName().toString());
        assertEquals(List.of(other, file), TailFile.list(directory));
        assertEquals(2, TailFile.entries(file).size());
        assertEquals(other, write(entry(5, 11)));
    }

    @Test
    void aDamagedTailSaysWhereAndGoesOnWithTheRest() throws Exception {
        Path file = write(entry(3, 11), entry(3, 12), entry(3, 13));
        byte[] bytes = Files.readAllBytes(file);
        int each = (bytes.length - 16) / 3;
        bytes[16 + each + 8 + 3] ^= 1;
        Files.write(file, bytes);
        assertEquals(List.of("p4 gave way to t5", "t3 i11", "damaged at " + (16 + each), "t3 i13"), read(file));
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
        assertEquals(List.of("p4 gave way to t5", "t3 i11", "damaged at " + (16 + each)), read(file));
        bytes[0] ^= 1;
        Files.write(file, bytes);
        IOException failure = assertThrows(IOException.class, () -> read(file));
        assertTrue(failure.getMessage().contains("is no tail"), failure.getMessage());
    }

    @Test
    void theLogIsListedWhileItIsOpen() throws Exception {
        List<String> listed = new ArrayList<>();
        try (ReplicationLog log = ReplicationLog.open(directory, new LogSettings(4_000, 100), cause -> {
            throw new AssertionError(cause);
        })) {
            log.createReplica(P, new StorageId("s"));
            log.promise(P, new Term(3));
            for (int i = 1; i <= 100; i++) {
                log.append(P, entry(3, i));
                log.sync();
            }
            log.discardAfter(P, new LogIndex(98));
            log.sync();
            LogListing.read(directory, new LogListing.Reader() {
                @Override
                public void entry(PartitionId partition, LogEntry entry) {
                    listed.add(partition + " " + entry.index());
                }

                @Override
                public void discarded(PartitionId partition, LogIndex after) {
                    listed.add(partition + " discard after " + after);
                }

                @Override
                public void promised(PartitionId partition, Term term) {
                    listed.add(partition + " promise " + term);
                }

                @Override
                public void unreadable(Path file, long offset) {
                    listed.add(file + " unreadable from " + offset);
                }

                @Override
                public void gone(Path file) {
                    listed.add(file + " is gone");
                }
            });
        }
        assertEquals(102, listed.size(), listed::toString);
        assertEquals("p4 promise t3", listed.get(0));
        assertEquals("p4 i100", listed.get(100));
        assertEquals("p4 discard after i98", listed.get(101));
    }
}
