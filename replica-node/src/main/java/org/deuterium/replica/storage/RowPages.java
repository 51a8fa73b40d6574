package org.deuterium.replica.storage;

import org.deuterium.values.ColumnDescriptions;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.RowsPage;
import org.h2.result.ResultInterface;
import org.h2.value.Value;

/** Cuts H2's results into the pages that travel. */
final class RowPages {

    /** Rows in a page when nobody said how many. */
    private static final int DEFAULT_ROWS = 1_000;

    private final int pageBytes;

    RowPages(int pageBytes) {
        this.pageBytes = pageBytes;
    }

    /** The next page, without a cursor: the caller knows from {@code hasNext()} whether there is more. */
    RowsPage next(ResultInterface result, int rowsWanted, boolean wantColumns, WireWriter buffer) {
        int limit = rowsWanted <= 0 ? DEFAULT_ROWS : rowsWanted;
        int rows = 0;
        buffer.clear();
        while (rows < limit && buffer.size() < pageBytes && result.next()) {
            writeRow(result, buffer);
            rows++;
        }
        return new RowsPage(
                wantColumns ? ColumnDescriptions.of(result) : null, rows, buffer.toByteArray(), RowsPage.NO_MORE);
    }

    static void writeRow(ResultInterface result, WireWriter out) {
        Value[] row = result.currentRow();
        for (int i = 0, columns = result.getVisibleColumnCount(); i < columns; i++) {
            ValueCodec.write(row[i], out);
        }
    }
}
