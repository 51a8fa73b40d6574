package org.deuterium.replica.host;

import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/** Which term a replica leads, and whether it serves clients in it. Written by loop and applier, read by any thread. */
final class LeaderStanding {

    private @Nullable Term leading;
    private volatile @Nullable Term serving;

    /** The replica's part changed: it leads this term, but does not serve yet; or leads none. */
    synchronized void leads(@Nullable Term term) {
        leading = term;
        serving = null;
    }

    /** H2 shows everything from before the term; false if it is not led any more. */
    synchronized boolean serves(Term term) {
        if (!term.equals(leading)) {
            return false;
        }
        serving = term;
        return true;
    }

    @Nullable
    Term serving() {
        return serving;
    }
}
