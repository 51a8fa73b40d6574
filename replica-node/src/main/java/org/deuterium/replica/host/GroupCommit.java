package org.deuterium.replica.host;

/**
 * Decides when the proposals that wait on a node become one batch (group commit, DeWitt et al. 1984). On a machine with few
 * cores an fsync, a message and a wake-up of each replica cost more than the work of an update, so the fewer batches, the
 * more updates a second; but a client that is alone must not wait for others.
 *
 * <p>While a batch is on its way to its quorum the next one gathers. When it has come back, those it was answered to are
 * expected again in a moment: the next batch waits for as many as took part before, and not at all if there was one. A wait
 * in vain is not repeated at once. Every wait has an end, so a slow quorum or a client that thinks costs at most that.
 *
 * <p>Node loop only.
 */
final class GroupCommit {

    private final long longestFlightNanos;
    private final long longestGatheringNanos;
    private int waiting;
    private int inFlight;
    private int expected;
    private boolean counting;
    private long sinceNanos;
    private int waitsToSkip;
    private int lastSkip;

    /**
     * @param longestFlightNanos how long proposals wait at most for the batch before them
     * @param longestGatheringNanos how long they wait at most for others, once it is back
     */
    GroupCommit(long longestFlightNanos, long longestGatheringNanos) {
        this.longestFlightNanos = longestFlightNanos;
        this.longestGatheringNanos = longestGatheringNanos;
    }

    /** One more proposal waits. */
    void arrived() {
        waiting++;
    }

    /** So many no longer wait, of which some were appended. */
    void taken(int proposals, int appended) {
        waiting -= proposals;
        inFlight += appended;
    }

    /** So many of those appended are committed, or are not followed any more. */
    void ended(int entries) {
        inFlight -= entries;
        counting &= inFlight > 0; // the time to gather begins
    }

    /** How long what waits should wait still; 0: it is to be taken now, all of it. */
    long nanosToWait(long nowNanos) {
        if (!counting) {
            counting = true;
            sinceNanos = nowNanos;
        }
        long waited = nowNanos - sinceNanos;
        if (inFlight > 0 && waited < longestFlightNanos) {
            return longestFlightNanos - waited;
        }
        if (inFlight == 0 && waiting < expected && waitsToSkip == 0 && waited < longestGatheringNanos) {
            return longestGatheringNanos - waited;
        }
        return 0;
    }

    /** What waits is being taken now. */
    void taking() {
        if (waiting >= expected) {
            lastSkip = 0;
        } else if (waitsToSkip > 0) {
            waitsToSkip--;
        } else if (inFlight == 0) {
            lastSkip = Math.min(2 * lastSkip + 1, 63);
            waitsToSkip = lastSkip;
        }
        expected = waiting + inFlight;
        counting = false;
    }
}
