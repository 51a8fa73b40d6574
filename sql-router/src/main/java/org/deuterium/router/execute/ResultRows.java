package org.deuterium.router.execute;

import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** The rows of a result that H2 holds in the router's memory. */
final class ResultRows implements RowSource {

    private final ResultInterface result;

    ResultRows(ResultInterface result) {
        this.result = result;
    }

    @Override
    public Value @Nullable [] next() {
        return !result.isClosed() && result.next() ? result.currentRow() : null;
    }

    @Override
    public void close() {
        result.close();
    }
}
