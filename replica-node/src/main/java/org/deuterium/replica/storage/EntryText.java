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

    /** H2 counts two bytes for a character, one for a byte, and some for the value itself. */
    private static final int MEMORY_A_CHARACTER = 2;

    private final List<String> lines = new ArrayList<>();
    private final long mostCharacters;
    private long characters;

    private EntryText(long mostCharacters) {
        this.mostCharacters = mostCharacters;
    }

    /** One line for each change or statement of the entry. */
    public static List<String> lines(LogEntry entry) {
        EntryText text = new EntryText(Long.MAX_VALUE);
        text.add(entry);
        return text.lines;
    }

    /**
     * The first lines, about so many characters: the rest is not even read, and long values are named by their size, because
     * an entry may be so long that its text takes more memory than there is.
     */
    public static String beginning(LogEntry entry, int characters) {
        EntryText text = new EntryText(characters);
        text.add(entry);
        String all = text.lines.toString();
        return all.length() <= characters ? all : all.substring(0, characters) + "…";
    }

    private void add(LogEntry entry) {
        try {
            switch (entry.kind()) {
                case ROWS -> rows(entry.payload());
                case STATEMENT -> statements(entry.payload());
                case TERM_START -> {}
                case PREPARE -> prepared(entry);
                case DECISION -> add(entry.payload()[0] == 1 ? "commits" : "is rolled back");
                case ABORT -> add("is rolled back, and will not be prepared here any more");
                case FINISH -> finished(entry.payload());
                case SCHEMA_CHANGE, SEQUENCE_RESERVE -> bytes(entry.payload());
            }
        } catch (RuntimeException e) { // of a version this program does not know: the bytes still help
            lines.clear();
            add("cannot be read: " + e.getMessage());
            bytes(entry.payload());
        }
    }

    private void add(String line) {
        lines.add(line);
        characters += line.length();
    }

    private boolean isEnough() {
        return characters >= mostCharacters;
    }

    private void prepared(LogEntry entry) {
        PreparedTransaction prepared = PreparedTransaction.decode(entry.transaction(), entry.payload());
        add("can commit, together with " + prepared.participants());
        if (prepared.writeSet().length > 0) {
            rows(prepared.writeSet());
        }
    }

    /** As {@code FinishPayload} of the host writes it. */
    private void finished(byte[] payload) {
        WireReader in = new WireReader(payload);
        for (int count = in.readCount(); count > 0 && !isEnough(); count--) {
            add("nobody asks for " + new TransactionId(in.readLong(), in.readVLong()) + " any more");
        }
    }

    private void rows(byte[] payload) {
        WireReader in = new WireReader(payload);
        WriteSetFormat.checkVersion(in);
        for (int tables = in.readCount(); tables > 0 && !isEnough(); tables--) {
            String table = in.readString() + "." + in.readString();
            int columns = in.readVInt();
            for (int changes = in.readCount(); changes > 0 && !isEnough(); changes--) {
                add(change(in, table, columns));
            }
        }
    }

    private String change(WireReader in, String table, int columns) {
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
                before.add(differs ? text(ValueCodec.read(in)) : "=");
            }
            return "UPDATE " + row + row(values) + " was (" + String.join(", ", before) + ")";
        }
        return (kind == WriteSetFormat.INSERT ? "INSERT " : "DELETE ") + row + row(values);
    }

    private String row(Value[] values) {
        List<String> texts = new ArrayList<>();
        for (Value value : values) {
            texts.add(text(value));
        }
        return "(" + String.join(", ", texts) + ")";
    }

    private String text(Value value) {
        long mostMemory = mostCharacters == Long.MAX_VALUE ? mostCharacters : MEMORY_A_CHARACTER * mostCharacters;
        return value.getMemory() <= mostMemory
                ? value.getTraceSQL()
                : Value.getTypeName(value.getValueType()) + " of about " + value.getMemory() + " bytes";
    }

    private void statements(byte[] payload) {
        StatementsFormat.Reading reading = new StatementsFormat.Reading(payload);
        while (reading.hasNext() && !isEnough()) {
            LoggedStatement statement = reading.next();
            add(statement.sql() + " " + row(statement.parameters().toArray(new Value[0])));
        }
    }

    private void bytes(byte[] payload) {
        int shown = Math.min(HEX_BYTES, payload.length);
        if (shown > 0) {
            String hex = HexFormat.ofDelimiter(" ").formatHex(payload, 0, shown);
            add(payload.length + " bytes: " + hex + (shown < payload.length ? " ..." : ""));
        }
    }
}
