package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.values.UntypedEnums;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.h2.value.Value;

/**
 * The bytes of a statement entry: {@code byte version, long checksum, vInt rows changed, zLong count for the client, vInt statements}; for each
 * statement {@code string sql, vInt parameters} and their values. An empty text stands for the one before it.
 */
final class StatementsFormat {

    static final int VERSION = 1;

    private StatementsFormat() {}

    /** What an entry says. */
    record Decoded(List<LoggedStatement> statements, long checksum, int rows, long count) {}

    static byte[] write(List<LoggedStatement> statements, WriteSetChecksum checksum, long count) {
        WireWriter out = new WireWriter();
        out.writeByte(VERSION).writeLong(checksum.sum()).writeVInt(checksum.rows());
        out.writeZLong(count).writeVInt(statements.size());
        String before = "";
        for (LoggedStatement statement : statements) {
            out.writeString(statement.sql().equals(before) ? "" : statement.sql());
            before = statement.sql();
            out.writeVInt(statement.parameters().size());
            for (Value value : statement.parameters()) {
                ValueCodec.write(value, out);
            }
        }
        return out.toByteArray();
    }

    static Decoded read(byte[] payload) {
        Reading reading = new Reading(payload);
        List<LoggedStatement> statements = new ArrayList<>(reading.left);
        while (reading.hasNext()) {
            statements.add(reading.next());
        }
        int tooMany = reading.in.remaining();
        if (tooMany != 0) {
            throw new MalformedMessageException(tooMany + " bytes too many after a statement entry");
        }
        return new Decoded(statements, reading.checksum, reading.rows, reading.count);
    }

    /** An entry that is read one statement after the other. */
    static final class Reading {

        private final WireReader in;
        private final long checksum;
        private final int rows;
        private final long count;
        private int left;
        private String sql = "";

        Reading(byte[] payload) {
            in = new WireReader(payload);
            int version = in.readByte();
            if (version != VERSION) {
                throw new MalformedMessageException(
                        "a statement entry of version " + version + "; this node knows " + VERSION);
            }
            checksum = in.readLong();
            rows = in.readVInt();
            count = in.readZLong();
            left = in.readCount();
        }

        boolean hasNext() {
            return left > 0;
        }

        LoggedStatement next() {
            left--;
            String written = in.readString();
            sql = written.isEmpty() ? sql : written;
            int parameters = in.readCount();
            List<Value> values = new ArrayList<>(parameters);
            for (int i = 0; i < parameters; i++) {
                values.add(UntypedEnums.asLabels(ValueCodec.read(in)));
            }
            return new LoggedStatement(sql, values);
        }
    }
}
