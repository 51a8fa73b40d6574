package org.deuterium.router.execute;

import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.statement.RowsPage;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The rows of one page that is all there is. */
final class PageRows implements RowSource {

    private final WireReader in;
    private final int width;
    private int left;

    PageRows(RowsPage page, int width) {
        this.in = new WireReader(page.rows());
        this.width = width;
        this.left = page.rowCount();
    }

    @Override
    public Value @Nullable [] next() {
        if (left == 0) {
            return null;
        }
        left--;
        Value[] row = new Value[width];
        for (int i = 0; i < width; i++) {
            row[i] = ValueCodec.read(in);
        }
        return row;
    }

    @Override
    public void close() {
        left = 0;
    }
}
