package org.deuterium.router.execute;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.partition.CloseBranchCursor;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One read on its way to a replica that follows. Whatever keeps that from answering, the leader can: nothing was done, or
 * nothing that matters. A brief read does not wait for a node that is silent, and those after it do not ask that node.
 */
final class FollowerCall {

    /** On top of what the follower may take to catch up: for the way there and back, and for a pause of its collector. */
    private static final long SPARE_MILLIS = 200;

    private static final Logger LOG = LoggerFactory.getLogger(FollowerCall.class);
    private static final Failure SILENT =
            Failure.of(ErrorCode.CONNECTION_BROKEN, "The follower did not answer in time");

    private final PartitionLeaders leaders;
    private final NodeId follower;
    private final ExecuteInBranch read;
    private final CompletableFuture<Message> first = new CompletableFuture<>();

    FollowerCall(PartitionLeaders leaders, NodeId follower, ExecuteInBranch read) {
        this.leaders = leaders;
        this.follower = follower;
        this.read = read;
    }

    /** @param answered called once, with what the follower says, or with a failure for which the leader is to be asked */
    void start(Consumer<Message> answered) {
        long sentNanos = System.nanoTime();
        first.thenAccept(answered).exceptionally(e -> {
            LOG.error("what {} answered to a read of {} was not taken", follower, read.partition(), e);
            return null;
        });
        leaders.call(follower, read, reply -> {
            noted(reply, System.nanoTime() - sentNanos);
            if (!first.complete(reply)) {
                late(reply);
            }
        });
        if (read.brief() && !first.isDone()) {
            CompletableFuture<Message> patience = new CompletableFuture<>();
            patience.completeOnTimeout(SILENT, read.bound().waitMillis() + SPARE_MILLIS, TimeUnit.MILLISECONDS)
                    .thenAcceptAsync(this::silent, leaders.waiters());
            first.thenRun(() -> patience.cancel(false));
        }
    }

    private void silent(Message failure) {
        if (!first.isDone()) {
            leaders.places().failed(follower);
            first.complete(failure);
        }
    }

    private void noted(Message reply, long nanos) {
        if (!(reply instanceof Failure failure)) {
            if (!read.bound().isAtCut()) { // else it has waited, which says nothing of the node
                leaders.places().answered(follower, nanos);
            }
        } else if (failure.error() == ErrorCode.CONNECTION_BROKEN || failure.error() == ErrorCode.NO_LEADER) {
            leaders.places().failed(follower);
        }
    }

    /** The leader has been asked meanwhile. */
    private void late(Message reply) {
        Message said = reply instanceof PositionedAnswer placed ? placed.answer() : reply;
        if (said instanceof RowsPage page && page.cursor() != RowsPage.NO_MORE) {
            leaders.call(follower, new CloseBranchCursor(read.partition(), page.cursor()), ignored -> {});
        }
    }

    /** True if the leader is to be asked for what a follower answered with this. */
    static boolean isForLeader(Message reply) {
        return reply instanceof Failure failure
                && switch (failure.error()) {
                    case REPLICA_BEHIND, NOT_LEADER, NO_LEADER, NO_LEASE, NOT_READY, CONNECTION_BROKEN, STALE_SCHEMA ->
                        true;
                    default -> false;
                };
    }
}
