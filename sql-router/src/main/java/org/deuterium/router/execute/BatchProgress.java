package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/** What is known of the sets of a batch: a batch may take several attempts, and no set that was run is run again. */
public final class BatchProgress {

    private static final long NOT_KNOWN = Long.MIN_VALUE;

    private final long[] counts;
    private final @Nullable Failure[] failures;
    private final List<DonePart> done = new ArrayList<>();

    /** Sets that one partition ran together. */
    record DonePart(List<Integer> sets, UpdateCounts answer) {}

    BatchProgress(int sets) {
        counts = new long[sets];
        failures = new Failure[sets];
        Arrays.fill(counts, NOT_KNOWN);
    }

    /** True if the set was run, or refused for good. */
    boolean isKnown(int set) {
        return counts[set] != NOT_KNOWN;
    }

    /** True once something is known of any set. */
    public boolean isBegun() {
        for (int set = 0; set < counts.length; set++) {
            if (isKnown(set)) {
                return true;
            }
        }
        return false;
    }

    void failed(int set, Failure failure) {
        counts[set] = java.sql.Statement.EXECUTE_FAILED;
        failures[set] = failure;
    }

    void done(List<Integer> sets, UpdateCounts answer) {
        if (answer.counts().length != sets.size()) {
            throw new IllegalStateException(
                    sets.size() + " sets of parameters gave " + answer.counts().length + " counts");
        }
        done.add(new DonePart(sets, answer));
        int nextFailure = 0;
        for (int i = 0; i < sets.size(); i++) {
            long count = answer.counts()[i];
            if (count == java.sql.Statement.EXECUTE_FAILED) {
                failed(sets.get(i), answer.failures().get(nextFailure++));
            } else {
                counts[sets.get(i)] = count;
            }
        }
    }

    boolean hasFailures() {
        for (Failure failure : failures) {
            if (failure != null) {
                return true;
            }
        }
        return false;
    }

    /** The client's answer when no further attempt is made: sets that were never run failed for this reason. */
    public UpdateCounts answer(Failure ofTheRest) {
        for (int set = 0; set < counts.length; set++) {
            if (!isKnown(set)) {
                failed(set, ofTheRest);
            }
        }
        return answer();
    }

    UpdateCounts answer() {
        List<Failure> told = new ArrayList<>();
        for (int i = 0; i < counts.length; i++) {
            Failure failure = failures[i];
            if (failure != null) {
                told.add(failure);
            } else if (counts[i] == NOT_KNOWN) {
                throw new IllegalStateException("nothing is known of set " + i + " of a batch");
            }
        }
        return new UpdateCounts(counts, told, BatchKeys.merge(done));
    }
}
