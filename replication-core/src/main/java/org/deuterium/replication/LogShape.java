package org.deuterium.replication;

import java.util.Arrays;

/**
 * Which indexes a partition's log holds and the term of each, as runs of equal terms: all the core must know of a log.
 * The host builds one while it reads its log at start ({@link #append}, {@link #discardAfter}, {@link #startAfter}) and
 * hands it to {@link ReplicaState}; from then on the {@link PartitionReplica} owns it.
 *
 * <p>{@code baseIndex} is the entry before the first one held (0 in a log that was never cut); its term is still known.
 */
public final class LogShape {

    /** What {@link #termAt} says of an index that is not in the log. */
    public static final long UNKNOWN = -1;

    private long baseIndex;
    private long baseTerm;
    private long lastIndex;
    private long[] runStart = new long[4];
    private long[] runTerm = new long[4];
    private int runs;

    public long baseIndex() {
        return baseIndex;
    }

    public long baseTerm() {
        return baseTerm;
    }

    public long lastIndex() {
        return lastIndex;
    }

    public long lastTerm() {
        return runs == 0 ? baseTerm : runTerm[runs - 1];
    }

    /** The term of the entry at an index, of the base too; {@link #UNKNOWN} before the base and after the end. */
    public long termAt(long index) {
        if (index == baseIndex) {
            return baseTerm;
        }
        if (index < baseIndex || index > lastIndex) {
            return UNKNOWN;
        }
        return runTerm[runOf(index)];
    }

    /** Takes note of one more entry, which must follow the last one. */
    public void append(long index, long term) {
        if (index != lastIndex + 1 || term < lastTerm()) {
            throw new IllegalStateException("entry i" + index + " of t" + term + " cannot follow i" + lastIndex
                    + " of t" + lastTerm() + ": a log has no gaps and its terms never fall");
        }
        if (runs == 0 || runTerm[runs - 1] != term) {
            if (runs == runStart.length) {
                runStart = Arrays.copyOf(runStart, runs * 2);
                runTerm = Arrays.copyOf(runTerm, runs * 2);
            }
            runStart[runs] = index;
            runTerm[runs] = term;
            runs++;
        }
        lastIndex = index;
    }

    /** Forgets every entry after {@code index}. */
    public void discardAfter(long index) {
        if (index < baseIndex) {
            throw new IllegalStateException(
                    "discard after i" + index + " in a log that begins after i" + baseIndex + ": those are committed");
        }
        if (index >= lastIndex) {
            return;
        }
        while (runs > 0 && runStart[runs - 1] > index) {
            runs--;
        }
        lastIndex = index;
    }

    /** Forgets everything, and begins after an entry whose effect a snapshot holds. */
    public void startAfter(long index, long term) {
        baseIndex = index;
        baseTerm = term;
        lastIndex = index;
        runs = 0;
    }

    /** Forgets the entries up to {@code index}, which becomes the base; those after it stay. */
    public void cutThrough(long index) {
        if (index <= baseIndex) {
            return;
        }
        if (index > lastIndex) {
            throw new IllegalStateException("cut through i" + index + " of a log that ends at i" + lastIndex);
        }
        long term = termAt(index);
        int gone = 0;
        while (gone < runs && (gone + 1 < runs ? runStart[gone + 1] - 1 : lastIndex) <= index) {
            gone++;
        }
        System.arraycopy(runStart, gone, runStart, 0, runs - gone);
        System.arraycopy(runTerm, gone, runTerm, 0, runs - gone);
        runs -= gone;
        if (runs > 0 && runStart[0] <= index) {
            runStart[0] = index + 1;
        }
        baseIndex = index;
        baseTerm = term;
    }

    /**
     * The greatest index not after {@code index} whose term is not after {@code term}; the base if there is none. Of two
     * logs, neither can agree with the other beyond it: so both ends step down over whole terms, not over entries.
     */
    public long lastAtOrBefore(long index, long term) {
        long at = Math.min(index, lastIndex);
        int run = at > baseIndex ? runOf(at) : -1;
        while (run >= 0 && runTerm[run] > term) {
            at = runStart[run] - 1;
            run--;
        }
        return Math.max(at, baseIndex);
    }

    private int runOf(long index) {
        int run = runs - 1;
        while (runStart[run] > index) {
            run--;
        }
        return run;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("i" + baseIndex + "/t" + baseTerm);
        for (int run = 0; run < runs; run++) {
            text.append(" i").append(runStart[run]).append("/t").append(runTerm[run]);
        }
        return text.append("..i").append(lastIndex).toString();
    }
}
