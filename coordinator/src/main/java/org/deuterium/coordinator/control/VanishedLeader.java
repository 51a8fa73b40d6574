package org.deuterium.coordinator.control;

import java.util.concurrent.TimeUnit;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/**
 * What the controller knows of a leader that the board does not show any more. If its process still answers, only its
 * ZooKeeper session has ended (as all do when ZooKeeper itself stood still), and it joins again in a moment: electing
 * another would only interrupt everybody. The controller's thread only.
 */
final class VanishedLeader {

    private final Term term;
    private final long sinceNanos;
    private @Nullable Boolean answered;

    VanishedLeader(Term term, long sinceNanos) {
        this.term = term;
        this.sinceNanos = sinceNanos;
    }

    Term term() {
        return term;
    }

    void answered(boolean yes) {
        answered = yes;
    }

    /** True while it is worth waiting for its return. */
    boolean mayComeBack(long nowNanos, ControllerSettings settings) {
        Boolean known = answered;
        long millis = TimeUnit.NANOSECONDS.toMillis(nowNanos - sinceNanos);
        if (known == null) {
            return millis < settings.answerMillis();
        }
        return known && millis < settings.rejoinPatienceMillis();
    }
}
