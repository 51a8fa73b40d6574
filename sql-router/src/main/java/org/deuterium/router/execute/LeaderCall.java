package org.deuterium.router.execute;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way to whoever leads its partition. While the partition has no leader that accepts it, the call
 * waits for the cluster to change and tries again; it never does so when the request may have had an effect, unless the
 * request is repeatable.
 */
final class LeaderCall implements Consumer<Message> {

    /** How long a request waits for a leader: an election takes about as long as a ZooKeeper session, twice. */
    static final long LEADER_WAIT_MILLIS = 10_000;

    /** A leader may learn of its election after the router did, and no other change tells when: so ask again. */
    private static final long FIRST_PAUSE_MILLIS = 10;

    private static final long LONGEST_PAUSE_MILLIS = 250;

    /** Who calls. */
    interface Caller {

        /** The request is about to be sent to this node. */
        default void asking(NodeId leader) {}

        /** The request has been sent, and may have been answered. */
        default void asked() {}

        /** False ends the waiting for a leader. */
        default boolean stillWaits() {
            return true;
        }

        /** @param leader the node that was asked, or null if there was none to ask */
        void answered(@Nullable NodeId leader, Message reply);
    }

    private final PartitionLeaders leaders;
    private final PartitionRequest request;
    private final boolean repeatable;
    private final Caller caller;
    private @Nullable NodeId leader;
    private long changesSeen;
    private long deadlineNanos;
    private long pauseMillis;

    /** @param repeatable true if doing the request twice is the same as once: a read, a question */
    LeaderCall(PartitionLeaders leaders, PartitionRequest request, boolean repeatable, Caller caller) {
        this.leaders = leaders;
        this.request = request;
        this.repeatable = repeatable;
        this.caller = caller;
    }

    void start() {
        changesSeen = leaders.changes().count();
        leader = leaders.leaderOf(request.partition());
        if (leader == null) {
            accept(Failure.of(
                    ErrorCode.NO_LEADER,
                    "Partition " + request.partition() + " has no leader; see SHOW PARTITIONS and SHOW NODES"));
        } else {
            caller.asking(leader);
            leaders.call(leader, request, this);
            caller.asked();
        }
    }

    @Override
    public void accept(Message reply) {
        if (reply instanceof Failure failure
                && mayTryAgain(failure.error())
                && caller.stillWaits()
                && waitForChange()) {
            return;
        }
        caller.answered(leader, reply);
    }

    private boolean mayTryAgain(ErrorCode error) {
        return switch (error) {
            case NOT_LEADER, NO_LEADER, NO_LEASE, NOT_READY, REPLICA_BEHIND -> true;
            case CONNECTION_BROKEN -> repeatable;
            default -> false;
        };
    }

    /** False when the time for waiting is over. */
    private boolean waitForChange() {
        long now = System.nanoTime();
        if (pauseMillis == 0) {
            deadlineNanos = now + TimeUnit.MILLISECONDS.toNanos(LEADER_WAIT_MILLIS);
            pauseMillis = FIRST_PAUSE_MILLIS;
        } else {
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
        if (now - deadlineNanos >= 0) {
            return false;
        }
        leaders.changes().whenChanged(changesSeen, pauseMillis, leaders.waiters(), this::start);
        return true;
    }
}
