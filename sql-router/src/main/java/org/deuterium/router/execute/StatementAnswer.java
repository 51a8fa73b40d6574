package org.deuterium.router.execute;

import org.deuterium.wire.Message;
import org.jspecify.annotations.Nullable;

/** Who waits for what a statement gives; called once, on any thread, and must not block. */
public interface StatementAnswer {

    /**
     * The statement was answered.
     *
     * @param answer a RowsPage, UpdateCounts, Done or Failure; a page's cursor means nothing here
     * @param more the rows behind the first page, to be closed by who gets them; null if there are none
     */
    void accept(Message answer, @Nullable OpenRows more);
}
