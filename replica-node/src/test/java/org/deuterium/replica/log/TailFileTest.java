package org.deuterium.replica.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    @Test
    void aTailIsReadAsItWasWritten() throws Exception {
        List<LogEntry> entries = List.of(entry(3, 11), entry(3, 12));
        Path file = TailFile.write(directory, P, new Term(5), entries);
        assertEquals("4-5-11.tail", file.getFileName().toString());
        assertEquals(List.of(file), TailFile.list(directory));
        TailFile.Tail tail = TailFile.read(file);
        assertEquals(P, tail.partition());
        assertEquals(new Term(5), tail.gaveWayTo());
        assertEquals(entries, tail.entries());
        assertEquals(12, tail.entries().get(1).payload()[0]);
    }

    @Test
    void aDamagedTailSaysSo() throws Exception {
        Path file = TailFile.write(directory, P, new Term(5), List.of(entry(3, 11), entry(3, 12)));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        IOException failure = assertThrows(IOException.class, () -> TailFile.read(file));
        assertTrue(failure.getMessage().contains("damaged"), failure.getMessage());
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
            });
        }
        assertEquals(102, listed.size(), listed::toString);
        assertEquals("p4 promise t3", listed.get(0));
        assertEquals("p4 i100", listed.get(100));
        assertEquals("p4 discard after i98", listed.get(101));
    }
}
