package org.deuterium.replica.service;

import java.util.function.Supplier;
import org.deuterium.replica.host.CutListener;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.RetainedMoments;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps states of one partition's past for transactions AS OF, while its replica here leads. All leaders keep those of the
 * same moments, without asking each other: every whole number of intervals since 1970. Each is taken at a cut, so that the
 * states of one moment are one state (docs/transactions.md).
 */
final class StateRetention {

    private static final Logger LOG = LoggerFactory.getLogger(StateRetention.class);

    /** So many states at most, whatever the window is: each costs memory for what changes after it. */
    private static final long MOST_STATES = 15;

    private static final long SECOND_MILLIS = 1_000;

    /** A partition must hear of the moment before its log has passed it: two ticks, and some difference of clocks. */
    private static final long AHEAD_MILLIS = 70;

    private final PartitionHost host;
    private long asked;

    StateRetention(PartitionHost host) {
        this.host = host;
    }

    /** How far the moments lie apart: a whole number of seconds, at least one if there is a window. */
    static long intervalMillis(long windowMillis) {
        long seconds = windowMillis / (MOST_STATES * SECOND_MILLIS);
        return (seconds * MOST_STATES * SECOND_MILLIS < windowMillis ? seconds + 1 : seconds) * SECOND_MILLIS;
    }

    /** Ticker. */
    void onTick(long nowMillis) {
        long window = host.storage().retainedMillis();
        if (window == 0 || host.servingTerm() == null) {
            return;
        }
        host.storage().forgetStatesBefore(Timestamp.ofMillis(nowMillis - window));
        long interval = intervalMillis(window);
        long next = (nowMillis / interval + 1) * interval;
        if (next != asked && next - nowMillis <= AHEAD_MILLIS) {
            asked = next;
            Timestamp moment = Timestamp.ofMillis(next);
            host.cuts().atLeader(moment, new Keep(moment));
        }
    }

    /** Applier: the replica no longer leads. What the next leader keeps it cannot know, so nobody asks it any more. */
    void stepDown() {
        host.storage().forgetStates();
    }

    /** What it keeps, unless it does not lead. */
    Message moments(Supplier<Message> notLeader) {
        return host.servingTerm() == null
                ? notLeader.get()
                : new RetainedMoments(
                        host.storage().retainedMillis(), host.storage().retainedStates());
    }

    /** One state at its cut. */
    private final class Keep implements CutListener {

        private final Timestamp moment;

        Keep(Timestamp moment) {
            this.moment = moment;
        }

        @Override
        public void opened() {
            try {
                if (!host.storage().retainState(moment)) {
                    LOG.debug("{}: too busy to keep the state of {}", host.partition(), moment);
                }
            } catch (RuntimeException e) {
                // Nobody can see that moment then; the statements of the present go on.
                LOG.warn("{}: the state of {} is not kept", host.partition(), moment, e);
            }
        }

        @Override
        public void missed(Message why) {
            LOG.debug("{}: the state of {} is not kept: {}", host.partition(), moment, why);
        }
    }
}
