package org.deuterium.wire.statement;

import java.util.List;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a query's result, in order.
 *
 * @param columns null when the request did not ask for them (it has them from before)
 * @param rowCount rows in this page
 * @param rows the values of the rows one after another (see {@link org.deuterium.wire.ValueType}); no separators
 * @param cursor where to fetch more, or 0 when these were the last rows
 */
public record RowsPage(@Nullable List<ColumnDescription> columns, int rowCount, byte[] rows, long cursor)
        implements Message {

    public static final long NO_MORE = 0;

    public RowsPage withCursor(long other) {
        return new RowsPage(columns, rowCount, rows, other);
    }

    @Override
    public int code() {
        return StatementMessages.ROWS_PAGE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeBoolean(columns != null);
        if (columns != null) {
            ColumnDescription.encodeAll(columns, out);
        }
        out.writeVInt(rowCount).writeBytes(rows).writeVLong(cursor);
    }

    static RowsPage decode(WireReader in) {
        List<ColumnDescription> columns = in.readBoolean() ? ColumnDescription.decodeAll(in) : null;
        return new RowsPage(columns, in.readVInt(), in.readBytes(), in.readVLong());
    }
}
