package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.wire.Message;

/** The rest of a result, behind its first page. One thing at a time is asked of it. */
public interface OpenRows {

    /**
     * Gives a RowsPage or a Failure, once, on any thread; never blocks the caller. A page whose cursor is NO_MORE, and a
     * Failure, are the last: nothing is left to close then.
     *
     * @param count rows wanted, 0 lets the giver choose
     */
    void fetch(int count, Consumer<Message> answer);

    /** Gives up the rest. */
    void close();
}
