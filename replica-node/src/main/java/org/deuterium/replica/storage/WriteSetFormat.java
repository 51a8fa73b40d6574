package org.deuterium.replica.storage;

import java.util.List;
import java.util.Map;
import org.deuterium.replica.storage.WriteSetCapture.RowChange;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.TransactionOutcome;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a write set: {@code byte version, vInt tables}; for each table {@code string schema, string table, vInt
 * columns, vInt changes}; for each change {@code byte kind, zLong row key} and
 *
 * <ul>
 *   <li>insert: the row's values,
 *   <li>delete: the values it had,
 *   <li>update: the values it has now, a bit for each column (lowest first) that is set where the value changed, and
 *       the values those columns had.
 * </ul>
 *
 * <p>At the end of an entry's payload there may be a {@code zLong}: how many rows the transaction's only statement said
 * it changed, for a client that lost the answer.
 */
final class WriteSetFormat {

    static final int VERSION = 1;
    static final int INSERT = 0;
    static final int UPDATE = 1;
    static final int DELETE = 2;

    private WriteSetFormat() {}

    /** The bytes of a write set. */
    static byte[] write(Map<MVTable, TableChanges> tables) {
        byte[] all = writeUpTo(Integer.MAX_VALUE, tables, null);
        if (all == null) {
            throw new IllegalStateException("a write set has no more than " + Integer.MAX_VALUE + " bytes");
        }
        return all;
    }

    /** Tells a checksum of every row, and keeps the bytes of none. */
    static void addTo(WriteSetChecksum checksum, Map<MVTable, TableChanges> tables) {
        writeUpTo(0, tables, checksum);
    }

    /**
     * The bytes of a write set; null if they are more than the limit. Beyond it no more than a row's are held: the rows of
     * a short statement may be any number.
     *
     * @param checksum is told of every row; null if nobody wants to know
     */
    static byte @Nullable [] writeUpTo(
            int limit, Map<MVTable, TableChanges> tables, @Nullable WriteSetChecksum checksum) {
        WireWriter out = new WireWriter();
        out.writeByte(VERSION).writeVInt(tables.size());
        boolean complete = true;
        for (Map.Entry<MVTable, TableChanges> each : tables.entrySet()) {
            MVTable table = each.getKey();
            List<RowChange> changes = each.getValue().changes();
            int columns = table.getColumns().length;
            out.writeString(table.getSchema().getName()).writeString(table.getName());
            out.writeVInt(columns).writeVInt(changes.size());
            int name = checksum == null ? 0 : nameHash(table);
            for (RowChange change : changes) {
                complete = complete && out.size() <= limit;
                if (!complete) {
                    out.clear();
                }
                int from = out.size();
                writeChange(change, columns, out);
                if (checksum != null) {
                    checksum.add(name, out, from);
                }
            }
        }
        return complete && out.size() <= limit ? out.toByteArray() : null;
    }

    private static int nameHash(MVTable table) {
        return 31 * table.getSchema().getName().hashCode() + table.getName().hashCode();
    }

    private static void writeChange(RowChange change, int columns, WireWriter out) {
        Row before = change.before();
        Row after = change.after();
        if (before == null && after != null) {
            out.writeByte(INSERT).writeZLong(change.key());
            writeRow(after, columns, out);
        } else if (after == null && before != null) {
            out.writeByte(DELETE).writeZLong(change.key());
            writeRow(before, columns, out);
        } else if (before != null && after != null) {
            out.writeByte(UPDATE).writeZLong(change.key());
            writeRow(after, columns, out);
            writeDifference(before, after, columns, out);
        } else {
            throw new IllegalStateException("a change of nothing into nothing at row " + change.key());
        }
    }

    static void writeRow(Row row, int columns, WireWriter out) {
        for (int i = 0; i < columns; i++) {
            ValueCodec.write(row.getValue(i), out);
        }
    }

    private static void writeDifference(Row before, Row after, int columns, WireWriter out) {
        for (int first = 0; first < columns; first += Byte.SIZE) {
            int bits = 0;
            for (int i = first; i < Math.min(columns, first + Byte.SIZE); i++) {
                if (!isSame(before.getValue(i), after.getValue(i))) {
                    bits |= 1 << (i - first);
                }
            }
            out.writeByte(bits);
        }
        for (int i = 0; i < columns; i++) {
            if (!isSame(before.getValue(i), after.getValue(i))) {
                ValueCodec.write(before.getValue(i), out);
            }
        }
    }

    static boolean isSame(@Nullable Row before, @Nullable Row after) {
        if (before == null || after == null || before.getColumnCount() != after.getColumnCount()) {
            return before == after;
        }
        for (int i = 0; i < before.getColumnCount(); i++) {
            if (!isSame(before.getValue(i), after.getValue(i))) {
                return false;
            }
        }
        return true;
    }

    /** True if both travel as the same bytes; stricter than H2's equality, which may ignore case and scale. */
    static boolean isSame(Value before, Value after) {
        if (before == after) {
            return true;
        }
        int type = before.getValueType();
        if (type != after.getValueType()) {
            return false;
        }
        return switch (type) {
            case Value.INTEGER, Value.SMALLINT, Value.TINYINT -> before.getInt() == after.getInt();
            case Value.BIGINT -> before.getLong() == after.getLong();
            case Value.VARCHAR, Value.CHAR -> before.equals(after);
            default -> isSameBytes(before, after);
        };
    }

    private static boolean isSameBytes(Value before, Value after) {
        WireWriter one = new WireWriter();
        WireWriter other = new WireWriter();
        ValueCodec.write(before, one);
        ValueCodec.write(after, other);
        return one.toByteBuffer().equals(other.toByteBuffer());
    }

    /** Reads the values of a row, or of the columns that {@code which} names. */
    static Value[] readRow(WireReader in, int columns) {
        Value[] values = new Value[columns];
        for (int i = 0; i < columns; i++) {
            values[i] = ValueCodec.read(in);
        }
        return values;
    }

    /** The count behind the tables, or TransactionOutcome.NOT_KNOWN. */
    static long readCount(WireReader in) {
        return in.remaining() == 0 ? TransactionOutcome.NOT_KNOWN : in.readZLong();
    }

    static byte[] withCount(byte[] writeSet, long count) {
        WireWriter out = new WireWriter();
        return out.writeRaw(writeSet, 0, writeSet.length).writeZLong(count).toByteArray();
    }

    static void checkVersion(WireReader in) {
        int version = in.readByte();
        if (version != VERSION) {
            throw new MalformedMessageException("a write set of version " + version + "; this node knows " + VERSION);
        }
    }
}
