package org.deuterium.router.execute;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The rows of several sources, each in the same order, merged in that order; equal rows in the order of sources. */
final class OrderedRows implements RowSource {

    private final List<? extends RowSource> sources;
    private final PriorityQueue<Head> heads;
    private boolean started;

    /** The next row of one source. */
    private record Head(Value[] row, int source) {}

    OrderedRows(List<? extends RowSource> sources, Comparator<Value[]> order) {
        this.sources = sources;
        this.heads = new PriorityQueue<>(
                Math.max(1, sources.size()),
                Comparator.comparing(Head::row, order).thenComparingInt(Head::source));
    }

    @Override
    public Value @Nullable [] next() {
        if (!started) {
            started = true;
            for (int i = 0; i < sources.size(); i++) {
                advance(i);
            }
        }
        Head first = heads.poll();
        if (first == null) {
            return null;
        }
        advance(first.source());
        return first.row();
    }

    private void advance(int source) {
        Value[] row = sources.get(source).next();
        if (row != null) {
            heads.add(new Head(row, source));
        }
    }

    @Override
    public void close() {
        heads.clear();
        sources.forEach(RowSource::close);
    }
}
