package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.HoldMoment;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * A moment that all leaders close before any of them is asked for the cut there (docs/transactions.md): there is a point in
 * real time when all have closed it and none has shown anything of after it. Blocks: for workers only.
 */
final class HeldMoment {

    private final PartitionLeaders leaders;
    private final Timestamp at;
    private final List<PartitionId> partitions;

    HeldMoment(PartitionLeaders leaders, Timestamp at, List<PartitionId> partitions) {
        this.leaders = leaders;
        this.at = at;
        this.partitions = partitions;
    }

    /** Null when all have closed it for this statement; else why not, and those that have may show what comes after it. */
    @Nullable
    Failure close(StatementCall call) {
        List<CompletableFuture<Message>> asked = new ArrayList<>();
        for (PartitionId partition : partitions) {
            CompletableFuture<Message> waiting = new CompletableFuture<>();
            asked.add(waiting);
            new LeaderCall(leaders, new HoldMoment(partition, at, false), true, new LeaderCall.Caller() {
                        @Override
                        public boolean stillWaits() {
                            return !call.isCanceled();
                        }

                        @Override
                        public void answered(@Nullable NodeId leader, Message reply) {
                            waiting.complete(reply);
                        }
                    })
                    .start();
        }
        Failure failure = null;
        for (int i = 0; i < partitions.size(); i++) {
            Failure one = failureOf(partitions.get(i), asked.get(i).join());
            if (one != null && (failure == null || failure.error() == ErrorCode.CUT_MISSED)) {
                failure = one;
            }
        }
        if (call.isCanceled()) {
            failure = BranchExecution.canceled();
        }
        if (failure != null) {
            letGo();
        }
        return failure;
    }

    private @Nullable Failure failureOf(PartitionId partition, Message reply) {
        if (reply instanceof PositionedAnswer positioned) {
            return positioned.answer() instanceof Failure missed
                    ? MissedMoment.heard(leaders.clock(), partition, positioned.timestamp(), missed)
                    : null;
        }
        return (Failure) reply;
    }

    /** Nobody asks for the cut: leaders that hold what comes after it need not do so any longer. */
    void letGo() {
        for (PartitionId partition : partitions) {
            NodeId leader = leaders.leaderOf(partition);
            if (leader != null) {
                leaders.call(leader, new HoldMoment(partition, at, true), ignored -> {});
            }
        }
    }
}
