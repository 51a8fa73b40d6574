package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.h2.value.ValueInteger;
import org.h2.value.ValueVarchar;
import org.junit.jupiter.api.Test;

/** What the entries of a transaction over several partitions say to people. */
class EntryTextTest {

    private static final TransactionId TRANSACTION = new TransactionId(7, 9);

    private static List<String> lines(EntryKind kind, byte[] payload) {
        return EntryText.lines(new LogEntry(new Term(1), new LogIndex(1), Timestamp.ZERO, TRANSACTION, kind, payload));
    }

    @Test
    void theStepsOfACommitOverSeveralPartitions() {
        List<PartitionId> both = List.of(new PartitionId(3), new PartitionId(4));
        byte[] prepared = new PreparedTransaction(TRANSACTION, both, new byte[0]).encode();
        assertEquals(List.of("can commit, together with [p3, p4]"), lines(EntryKind.PREPARE, prepared));
        assertEquals(List.of("commits"), lines(EntryKind.DECISION, new byte[] {1}));
        assertEquals(List.of("is rolled back"), lines(EntryKind.DECISION, new byte[] {0}));
        assertEquals(
                List.of("is rolled back, and will not be prepared here any more"), lines(EntryKind.ABORT, new byte[0]));
        byte[] finished =
                new WireWriter().writeVInt(1).writeLong(7).writeVLong(9).toByteArray();
        assertEquals(List.of("nobody asks for " + TRANSACTION + " any more"), lines(EntryKind.FINISH, finished));
    }

    private static LogEntry entry(EntryKind kind, byte[] payload) {
        return new LogEntry(new Term(1), new LogIndex(1), Timestamp.ZERO, TRANSACTION, kind, payload);
    }

    /** What comes after the first lines is cut off here: whoever reads on fails. */
    @Test
    void theBeginningOfALongEntryIsMadeWithoutTheRest() {
        WireWriter rows = new WireWriter();
        rows.writeByte(WriteSetFormat.VERSION)
                .writeVInt(1)
                .writeString("PUBLIC")
                .writeString("T");
        rows.writeVInt(2).writeVInt(1_000_000);
        List<LoggedStatement> statements = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            rows.writeByte(WriteSetFormat.INSERT).writeZLong(i);
            ValueCodec.write(ValueInteger.get(i), rows);
            ValueCodec.write(ValueVarchar.get(i == 1 ? "y".repeat(1_000_000) : "x"), rows);
            statements.add(new LoggedStatement("INSERT INTO T VALUES (?1, 'x')", List.of(ValueInteger.get(i))));
        }
        String text = EntryText.beginning(entry(EntryKind.ROWS, rows.toByteArray()), 150);
        assertTrue(
                text.startsWith(
                        "[INSERT PUBLIC.T row 0 (0, 'x'), INSERT PUBLIC.T row 1 (1, CHARACTER VARYING of about"),
                text);
        assertEquals(151, text.length());

        byte[] all = StatementsFormat.write(statements, new WriteSetChecksum(), 20);
        byte[] some = Arrays.copyOf(all, all.length * 2 / 3);
        text = EntryText.beginning(entry(EntryKind.STATEMENT, some), 100);
        assertTrue(text.startsWith("[INSERT INTO T VALUES (?1, 'x') (0), INSERT INTO T VALUES (?1, 'x') (1), "), text);
        assertEquals(List.of("cannot be read"), firstWords(EntryText.lines(entry(EntryKind.STATEMENT, some))));
        assertEquals("[commits]", EntryText.beginning(entry(EntryKind.DECISION, new byte[] {1}), 100));
    }

    private static List<String> firstWords(List<String> lines) {
        return List.of(lines.get(0).substring(0, "cannot be read".length()));
    }
}
