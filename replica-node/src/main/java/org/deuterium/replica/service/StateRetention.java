package org.deuterium.replica.service;

import java.util.concurrent.ConcurrentSkipListMap;
import org.deuterium.replica.host.CutListener;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.statement.Done;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps states of one partition's past for transactions AS OF, at every replica. All keep those of the same moments: every
 * whole number of intervals since 1970. Each is taken at a cut, so that the states of one moment are one state
 * (docs/transactions.md).
 *
 * <p>A leader makes the cut some milliseconds before the moment comes, so that no leader asks another one. A follower waits
 * for the moment in its log, however late it comes there: an entry after it says that all up to it have come. Where none
 * comes the leader is asked to close the moment.
 */
final class StateRetention {

    private static final Logger LOG = LoggerFactory.getLogger(StateRetention.class);

    /** So many states at most, whatever the window is: each costs memory for what changes after it. */
    private static final long MOST_STATES = 15;

    private static final long SECOND_MILLIS = 1_000;

    /** A partition must hear of the moment before its log has passed it: two ticks, and some difference of clocks. */
    private static final long AHEAD_MILLIS = 70;

    /** The log of a busy partition has passed the moment by then, and nobody need be asked. */
    private static final long ASKED_AFTER_MILLIS = 25;

    /** A question without an answer for so long is taken as lost. */
    private static final long ASKED_AGAIN_MILLIS = 250;

    private final PartitionHost host;
    private final LeaderPositionSource leader;

    /** Those whose cut is under way. */
    private final ConcurrentSkipListMap<Timestamp, Keep> coming = new ConcurrentSkipListMap<>();

    /** Ticker only: the last moment a cut was made for as the leader. */
    private Timestamp ledTo = Timestamp.ZERO;

    /** Ticker only. */
    private long askedMillis;

    /** The latest of which the state was kept. */
    private volatile Timestamp latest = Timestamp.ZERO;

    StateRetention(PartitionHost host, LeaderPositionSource leader) {
        this.host = host;
        this.leader = leader;
    }

    /** How far the moments lie apart: a whole number of seconds, at least one if there is a window. */
    static long intervalMillis(long windowMillis) {
        long seconds = windowMillis / (MOST_STATES * SECOND_MILLIS);
        return (seconds * MOST_STATES * SECOND_MILLIS < windowMillis ? seconds + 1 : seconds) * SECOND_MILLIS;
    }

    /**
     * Ticker.
     *
     * @param nowMillis the machine's clock, of which the moments are
     */
    void onTick(long nowMillis) {
        long window = host.storage().retainedMillis();
        if (window == 0) {
            return;
        }
        host.storage().forgetStatesBefore(Timestamp.ofMillis(nowMillis - window));
        if (host.servingTerm() != null) {
            lead(nowMillis, intervalMillis(window));
        } else if (!host.shown().isHidden()) {
            follow(nowMillis, intervalMillis(window), window);
        }
    }

    private void lead(long nowMillis, long interval) {
        Timestamp next = Timestamp.ofMillis((nowMillis / interval + 1) * interval);
        if (next.millis() - nowMillis <= AHEAD_MILLIS && next.compareTo(ledTo) > 0) {
            ledTo = next;
            Keep keep = new Keep(next);
            if (coming.putIfAbsent(next, keep) == null) {
                host.cuts().atLeader(next, keep);
            }
        }
    }

    /** Waits for every moment in the window, or soon, that H2 here has not come to; a follower may be far behind. */
    private void follow(long nowMillis, long interval, long window) {
        long shown = Math.max(host.shown().mostTimestamp().millis(), latest.millis());
        for (long millis = (Math.max(shown, nowMillis - window) / interval + 1) * interval;
                millis <= nowMillis + interval;
                millis += interval) {
            Timestamp moment = Timestamp.ofMillis(millis);
            Keep keep = new Keep(moment);
            if (coming.putIfAbsent(moment, keep) == null) {
                host.cuts().whenFollowerComesTo(moment, millis + window - nowMillis, keep);
            }
        }
        Timestamp due = coming.floorKey(Timestamp.ofMillis(nowMillis - ASKED_AFTER_MILLIS));
        if (due != null && nowMillis - askedMillis >= ASKED_AGAIN_MILLIS) {
            askedMillis = nowMillis;
            askToClose(due);
        }
    }

    /** And with it all before. If nobody answers, a later entry says it, or the question is asked again. */
    private void askToClose(Timestamp moment) {
        leader.ask(new AskPosition(host.partition(), moment), reply -> {
            if (reply instanceof PositionedAnswer closed && closed.answer() instanceof Done) {
                host.cuts().closed(moment, closed.index());
            }
        });
    }

    /** What is kept here. It is true whoever leads: a moment that is closed stays as it is. */
    Message moments() {
        return new RetainedMoments(
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
                if (host.storage().retainState(moment)) {
                    latest = latest.max(moment);
                } else {
                    LOG.debug("{}: too busy to keep the state of {}", host.partition(), moment);
                }
            } catch (RuntimeException e) {
                // Nobody can see that moment then; the statements of the present go on.
                LOG.warn("{}: the state of {} is not kept", host.partition(), moment, e);
            } finally {
                coming.remove(moment, this);
            }
        }

        @Override
        public void missed(Message why) {
            coming.remove(moment, this);
            LOG.debug("{}: the state of {} is not kept: {}", host.partition(), moment, why);
        }
    }
}
