package org.deuterium.router.execute;

import java.util.Arrays;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Some rows of a source: those after an offset, up to a limit, without the hidden columns at the end of each row. */
final class LimitedRows implements RowSource {

    static final long ALL = Long.MAX_VALUE;

    private final RowSource source;
    private final int width;
    private long toSkip;
    private long left;

    /**
     * @param limit rows at most, or {@link #ALL}
     * @param width columns that the client sees
     */
    LimitedRows(RowSource source, long offset, long limit, int width) {
        this.source = source;
        this.toSkip = offset;
        this.left = limit;
        this.width = width;
    }

    @Override
    public Value @Nullable [] next() {
        while (left > 0) {
            Value[] row = source.next();
            if (row == null) {
                left = 0;
            } else if (toSkip > 0) {
                toSkip--;
            } else {
                if (left != ALL) {
                    left--;
                }
                return row.length == width ? row : Arrays.copyOf(row, width);
            }
        }
        source.close();
        return null;
    }

    @Override
    public void close() {
        left = 0;
        source.close();
    }
}
