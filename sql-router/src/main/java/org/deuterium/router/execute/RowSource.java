package org.deuterium.router.execute;

import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Rows that are read one after another; reading may wait for another node. Used by one thread at a time. */
interface RowSource extends AutoCloseable {

    /**
     * The next row, or null after the last one.
     *
     * @throws StatementFailedException if the rows cannot be read to their end
     */
    Value @Nullable [] next();

    /** Gives up the rows not read, here and at the leaders; harmless when repeated. */
    @Override
    void close();
}
