package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.replication.LogEntry;
import org.h2.value.Value;

/** What an entry says, in words: rows with their table and values, statements, or its bytes where it is something else. */
public final class EntryText {

    private static final int HEX_BYTES = 64;

    private EntryText() {}

    /** One line for each change or statement of the entry. */
    public static List<String> lines(LogEntry entry) {
        try {
            return switch (entry.kind()) {
                case ROWS -> rows(entry.payload());
                case STATEMENT -> statements(entry.payload());
                case TERM_START -> List.of();
                case PREPARE -> prepared(entry);
                case DECISION -> List.of(entry.payload()[0] == 1 ? "commits" : "is rolled back");
                case ABORT -> List.of("is rolled back, and will not be prepared here any more");
                case FINISH -> finished(entry.payload());
                case SCHEMA_CHANGE, SEQUENCE_RESERVE -> bytes(entry.payload());
            };
        } catch (RuntimeException e) { // of a version this program does not know: the bytes still help
            List<String> lines = new ArrayList<>(List.of("cannot be read: " + e.getMessage()));
            lines.addAll(bytes(entry.payload()));
            return lines;
        }
    }

    private static List<String> prepared(LogEntry entry) {
        PreparedTransaction prepared = PreparedTransaction.decode(entry.transaction(), entry.payload());
        List<String> lines = new ArrayList<>(List.of("can commit, together with " + prepared.participants()));
        if (prepared.writeSet().length > 0) {
            lines.addAll(rows(prepared.writeSet()));
        }
        return lines;
    }

    /** As {@code FinishPayload} of the host writes it. */
    private static List<String> finished(byte[] payload) {
        WireReader in = new WireReader(payload);
        List<String> lines = new ArrayList<>();
        for (int count = in.readCount(); count > 0; count--) {
            lines.add("nobody asks for " + new TransactionId(in.readLong(), in.readVLong()) + " any more");
        }
        return lines;
    }

    private static List<String> rows(byte[] payload) {
        WireReader in = new WireReader(payload);
        WriteSetFormat.checkVersion(in);
        List<String> lines = new ArrayList<>();
        for (int tables = in.readCount(); tables > 0; tables--) {
            String table = in.readString() + "." + in.readString();
            int columns = in.readVInt();
            for (int changes = in.readCount(); changes > 0; changes--) {
                lines.add(change(in, table, columns));
            }
        }
        return lines;
    }

    private static String change(WireReader in, String table, int columns) {
        int kind = in.readByte();
        String row = table + " row " + in.readZLong() + " ";
        Value[] values = WriteSetFormat.readRow(in, columns);
        if (kind == WriteSetFormat.UPDATE) {
            byte[] changed = new byte[(columns + Byte.SIZE - 1) / Byte.SIZE];
            for (int i = 0; i < changed.length; i++) {
                changed[i] = (byte) in.readByte();
            }
            List<String> before = new ArrayList<>();
            for (int i = 0; i < columns; i++) {
                boolean differs = (changed[i / Byte.SIZE] >> (i % Byte.SIZE) & 1) != 0;
                before.add(differs ? ValueCodec.read(in).getTraceSQL() : "=");
            }
            return "UPDATE " + row + text(values) + " was (" + String.join(", ", before) + ")";
        }
        return (kind == WriteSetFormat.INSERT ? "INSERT " : "DELETE ") + row + text(values);
    }

    private static String text(Value[] values) {
        List<String> texts = new ArrayList<>();
        for (Value value : values) {
            texts.add(value.getTraceSQL());
        }
        return "(" + String.join(", ", texts) + ")";
    }

    private static List<String> statements(byte[] payload) {
        List<String> lines = new ArrayList<>();
        for (LoggedStatement statement : StatementsFormat.read(payload).statements()) {
            lines.add(statement.sql() + " " + text(statement.parameters().toArray(new Value[0])));
        }
        return lines;
    }

    private static List<String> bytes(byte[] payload) {
        int shown = Math.min(HEX_BYTES, payload.length);
        String hex = HexFormat.ofDelimiter(" ").formatHex(payload, 0, shown);
        return payload.length == 0
                ? List.of()
                : List.of(payload.length + " bytes: " + hex + (shown < payload.length ? " ..." : ""));
    }
}
