package org.deuterium.replica.host;

import java.util.function.LongSupplier;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/** Which term a replica leads, and whether it serves clients in it, and its lease. Written by loop and applier, read by any thread. */
final class LeaderStanding {

    private @Nullable Term leading;
    private volatile @Nullable Term serving;

    /** Always written after {@code serving} was taken away, and read before it: so it never stands for an older term. */
    private volatile long leaseUntilMillis;

    /** Always written after {@code fsynced}, and read after it. */
    private volatile long tailUntilMillis;

    private volatile long fsynced;

    /** Loop, before anything is sent that this replica has to say: what strong reads at a tail go by. */
    void tail(LogIndex durable, long untilMillis) {
        fsynced = durable.position();
        tailUntilMillis = untilMillis;
    }

    /** Up to where a strong read that came before this call must show the log; null if this is no tail with a lease. */
    @Nullable
    LogIndex strongReadsShow(LongSupplier clockMillis) {
        long atLeast = fsynced;
        return tailUntilMillis != 0 && clockMillis.getAsLong() < tailUntilMillis ? new LogIndex(atLeast) : null;
    }

    /** The replica's part changed: it leads this term, but does not serve yet; or leads none. */
    synchronized void leads(@Nullable Term term) {
        leading = term;
        serving = null;
        leaseUntilMillis = 0;
    }

    /** Loop: until that moment of the loop's clock nobody else can have been elected. */
    void lease(long untilMillis) {
        leaseUntilMillis = untilMillis;
    }

    /** True if what was read here in this term before {@code nowMillis} is what a linearizable read would have found. */
    boolean holdsLease(Term term, long nowMillis) {
        long until = leaseUntilMillis;
        return nowMillis < until && term.equals(serving);
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
