package org.deuterium.replica.host;

import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.LogEntry;

/**
 * Something that is to become an entry of a partition's log, and who waits for it. Exactly one of its three ends is
 * called, once.
 */
public abstract class PendingEntry {

    private final Proposal proposal;

    private final Term term;

    /** @param term the term the work was done in; in a later one it is refused */
    protected PendingEntry(Term term, Proposal proposal) {
        this.term = term;
        this.proposal = proposal;
    }

    protected final Term term() {
        return term;
    }

    public final Proposal proposal() {
        return proposal;
    }

    /** True if {@link #committed} is done in some microseconds, so that the node loop itself may call it. */
    protected boolean isBrief() {
        return false;
    }

    /** The entry is committed: brings it into H2. Called by the applier in log order; may block on the gate only. */
    protected abstract void committed(H2Storage storage, LogEntry entry);

    /**
     * The entry is committed in the log, but a cut holds it back; called by the applier, at most once for a cut, before
     * {@link #committed}. Tells whoever cannot wait, and shows in H2 what the cut is to show.
     *
     * @param cut what is committed up to here is to be shown
     * @return true if H2 shows the entry's effect from now on
     */
    protected boolean heldByCut(LogEntry entry, Timestamp cut) {
        return false;
    }

    /** It was surely not appended. Called by a worker. */
    protected abstract void refused(Effects.Refusal why);

    /** It was appended, then this replica lost the lead: only the next leader's log knows. Called by a worker. */
    protected abstract void outcomeUnknown();
}
