package org.deuterium.replica.host;

import org.deuterium.wire.Message;

/** Who asked for a consistent cut of a partition; exactly one of the two is called, once. */
public interface CutListener {

    /**
     * H2 shows exactly what is committed up to the cut's timestamp, until this returns. Called by the applier; it takes
     * microseconds, does not block, and throws nothing.
     */
    void opened();

    /** The cut could not be made; on a thread that may block. */
    void missed(Message answer);
}
