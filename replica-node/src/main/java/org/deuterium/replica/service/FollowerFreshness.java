package org.deuterium.replica.service;

import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.host.ShownPosition;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.PositionedAnswer;
import org.jspecify.annotations.Nullable;

/**
 * As of when a follower is known to show everything: it asks its leader how far it is (Raft's ReadIndex, Ongaro 2014,
 * 6.4), and once it has come so far it is as fresh as the moment of the question. That moment is one of its own monotonic
 * clock, so clocks of other machines and messages that were long under way do not matter; a follower that is cut off
 * gets no answer and grows old. One question is under way at a time, for all who wait.
 */
final class FollowerFreshness {

    /** A question without an answer for so long is taken as lost. */
    private static final long LOST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** An answer that was not reached for so long is of a log that was lost with its leader (ack rule ASYNC). */
    private static final long OUT_OF_REACH_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final PartitionHost host;
    private final LeaderPositionSource leader;
    private final Runnable whenFresher;

    /** Guarded by this, but for a look whether there is an answer at all. */
    private volatile @Nullable Answered answered;

    private boolean asking;
    private long askedNanos;
    private long question;

    /** Read without a lock; null until the first answer was reached. */
    private volatile @Nullable Long freshNanos;

    /** The leader was at this index at some time after the question. */
    private record Answered(long askedNanos, LogIndex index) {}

    /** @param whenFresher called when {@link #isFreshAt} may give another answer; must be quick */
    FollowerFreshness(PartitionHost host, LeaderPositionSource leader, Runnable whenFresher) {
        this.host = host;
        this.leader = leader;
        this.whenFresher = whenFresher;
    }

    /** True if everything that was committed at this moment, or before, can be seen. */
    boolean isFreshAt(long nanos) {
        Long fresh = freshNanos;
        return fresh != null && fresh - nanos >= 0;
    }

    /** Asks the leader, unless a question that is young enough is under way. */
    void ask() {
        long now = System.nanoTime();
        long mine;
        synchronized (this) {
            Answered open = answered;
            boolean reachable = open != null && now - open.askedNanos() < OUT_OF_REACH_NANOS;
            if (reachable || (asking && now - askedNanos < LOST_NANOS)) {
                return;
            }
            answered = null;
            asking = true;
            askedNanos = now;
            mine = ++question;
        }
        leader.ask(new AskPosition(host.partition()), reply -> take(mine, now, reply));
    }

    private void take(long mine, long asked, Message reply) {
        synchronized (this) {
            if (mine != question || !asking) {
                return; // it was taken as lost, and a later one is under way
            }
            asking = false;
            if (!(reply instanceof PositionedAnswer position)) {
                return; // no leader, or none that can be reached: whoever waits asks again at the next tick
            }
            answered = new Answered(asked, position.index());
        }
        if (reached()) {
            whenFresher.run();
        }
    }

    /** More of the log can be seen, or an answer came: true if that makes this replica fresher. */
    boolean reached() {
        if (answered == null) {
            return false;
        }
        ShownPosition shown = host.shown();
        synchronized (this) {
            Answered open = answered;
            if (open == null || open.index().isAfter(shown.leastIndex())) {
                return false;
            }
            freshNanos = open.askedNanos();
            answered = null;
            return true;
        }
    }
}
