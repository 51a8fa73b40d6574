package org.deuterium.router.execute;

import java.util.List;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The rows of several sources, one source after the other. */
final class ConcatenatedRows implements RowSource {

    private final List<? extends RowSource> sources;
    private int current;

    ConcatenatedRows(List<? extends RowSource> sources) {
        this.sources = sources;
    }

    @Override
    public Value @Nullable [] next() {
        while (current < sources.size()) {
            Value[] row = sources.get(current).next();
            if (row != null) {
                return row;
            }
            current++;
        }
        return null;
    }

    @Override
    public void close() {
        sources.forEach(RowSource::close);
    }
}
