package org.deuterium.replica.host;

import java.util.function.Consumer;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** One planned transfer of the lead, from the moment nobody is served here any more until somebody else was elected. */
final class LeaderTransfer implements GroupRequest {

    /** An election takes far less; after it only the board knows. */
    private static final long ELECTION_MILLIS = 5_000;

    private final NodeId target;
    private final long deadlineMillis;
    private final LeaderStanding standing;
    private final ReplicaBoard board;
    private final Consumer<@Nullable Failure> whenDone;
    private Term term = Term.NONE;

    LeaderTransfer(
            NodeId target,
            long deadlineMillis,
            LeaderStanding standing,
            ReplicaBoard board,
            Consumer<@Nullable Failure> whenDone) {
        this.target = target;
        this.deadlineMillis = deadlineMillis;
        this.standing = standing;
        this.board = board;
        this.whenDone = whenDone;
    }

    @Override
    public boolean begin(PartitionReplica core, Consumer<Effects> perform, long nowMillis) {
        if (core.isLeader() && target.equals(core.leader())) {
            whenDone.accept(null);
            return false;
        }
        Failure refusal = refusal(core, target, board);
        if (refusal != null) {
            whenDone.accept(refusal);
            return false;
        }
        term = core.term();
        standing.leads(null);
        perform.accept(core.transferLeader(target, nowMillis));
        return true;
    }

    /** Why the lead cannot be handed over now; null if that can be begun. */
    static @Nullable Failure refusal(PartitionReplica core, NodeId target, ReplicaBoard board) {
        String refusal = core.refusalOfTransfer(target);
        if (refusal != null) {
            return Failure.of(codeOf(core, target), refusal);
        }
        return core.isServing()
                ? whyNobodyCanBeElected(board, core.partition())
                : Failure.of(
                        ErrorCode.NOT_READY,
                        "The leader of " + core.partition() + " was only just elected; try again in a moment");
    }

    private static ErrorCode codeOf(PartitionReplica core, NodeId target) {
        ReplicaGroup group = core.group();
        if (!core.isLeader() || group == null) {
            return ErrorCode.NOT_LEADER;
        }
        StorageId storage = group.storageOf(target);
        boolean mayLeadLater = storage != null && group.votes(target, storage);
        return mayLeadLater ? ErrorCode.TOO_FEW_IN_SYNC : ErrorCode.NOT_SUPPORTED;
    }

    /** Who gives its lease up before somebody can be elected leaves the partition to nobody. */
    private static @Nullable Failure whyNobodyCanBeElected(ReplicaBoard board, PartitionId partition) {
        return board.isReached()
                ? null
                : Failure.of(
                        ErrorCode.NOT_READY,
                        partition + " keeps its leader: ZooKeeper cannot be reached, so nobody could be elected; try"
                                + " again when it is back");
    }

    @Override
    public boolean isOver(PartitionReplica core, Consumer<Effects> perform, long nowMillis) {
        if (core.isLeader() && core.term().equals(term)) {
            if (nowMillis < deadlineMillis || !core.keepLead()) {
                return false;
            }
            standing.leads(term);
            standing.serves(term);
            whenDone.accept(Failure.of(
                    ErrorCode.TOO_FEW_IN_SYNC,
                    target + " did not catch up in time, so " + core.partition() + " keeps its leader; SHOW REPLICAS"
                            + " tells how far it is"));
            return true;
        }
        ReplicaGroup group = core.group();
        NodeId leader = group != null && term.isBefore(group.term()) ? group.leader() : null;
        if (leader == null) {
            if (nowMillis < deadlineMillis + ELECTION_MILLIS) {
                return false;
            }
            whenDone.accept(unknown(core.partition() + " was handed over, but nobody was seen elected yet"));
        } else if (leader.equals(target)) {
            whenDone.accept(null);
        } else {
            whenDone.accept(unknown(core.partition() + " was handed over, but " + leader + " was elected"));
        }
        return true;
    }

    private static Failure unknown(String what) {
        return Failure.of(ErrorCode.OUTCOME_UNKNOWN, what + "; SHOW PARTITIONS tells who leads it");
    }

    @Override
    public void abandon() {
        whenDone.accept(unknown("The replica was closed while its partition was handed over"));
    }
}
