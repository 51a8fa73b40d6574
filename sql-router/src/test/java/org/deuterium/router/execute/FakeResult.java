package org.deuterium.router.execute;

import java.util.List;
import java.util.Map;
import org.deuterium.values.ColumnDescriptions;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.RowsPage;
import org.h2.result.ResultInterface;
import org.h2.value.Value;

/** An H2 result given out in pages. */
final class FakeResult {

    private static final int DEFAULT_ROWS = 100;

    private final ResultInterface result;
    private final List<ColumnDescription> columns;

    FakeResult(ResultInterface result) {
        this.result = result;
        this.columns = ColumnDescriptions.of(result);
    }

    RowsPage page(int count, boolean wantColumns, long cursor, Map<Long, FakeResult> open) {
        WireWriter out = new WireWriter();
        int rows = 0;
        int most = count == 0 ? DEFAULT_ROWS : count;
        while (rows < most && result.next()) {
            Value[] row = result.currentRow();
            for (int i = 0; i < columns.size(); i++) {
                ValueCodec.write(row[i], out);
            }
            rows++;
        }
        boolean more = result.hasNext();
        if (more) {
            open.put(cursor, this);
        } else {
            open.remove(cursor);
            close();
        }
        return new RowsPage(wantColumns ? columns : null, rows, out.toByteArray(), more ? cursor : RowsPage.NO_MORE);
    }

    void close() {
        result.close();
    }
}
