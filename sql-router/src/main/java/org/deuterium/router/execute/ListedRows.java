package org.deuterium.router.execute;

import java.util.Iterator;
import java.util.List;
import org.h2.value.Value;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** Rows that were there from the beginning. */
final class ListedRows implements RowSource {

    private final Iterator<Value[]> rows;

    ListedRows(List<Value[]> rows) {
        this.rows = rows.iterator();
    }

    /** One row of one text column for each line. */
    static ListedRows ofLines(List<String> lines) {
        return new ListedRows(
                lines.stream().map(line -> new Value[] {ValueVarchar.get(line)}).toList());
    }

    @Override
    public Value @Nullable [] next() {
        return rows.hasNext() ? rows.next() : null;
    }

    @Override
    public void close() {}
}
