package org.deuterium.wire.partition;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.WireReader;

/** Between a router and a partition's leader: codes 64 to 127. */
public final class PartitionMessages implements MessageFamily {

    static final int EXECUTE_IN_BRANCH = 64;
    static final int FETCH_FROM_BRANCH = 65;
    static final int CLOSE_BRANCH_CURSOR = 66;
    static final int END_BRANCH = 67;
    static final int CANCEL_BRANCH = 68;
    static final int RESERVE_SEQUENCE = 69;
    static final int SEQUENCE_BLOCK = 70;
    static final int FENCE_SCHEMA_CHANGE = 71;
    static final int AWAIT_SCHEMA = 72;
    static final int DESCRIBE_REPLICAS = 73;
    static final int REPLICA_STATUSES = 74;
    static final int BRANCH_SAVEPOINT = 75;
    static final int DESCRIBE_DIGESTS = 76;
    static final int REPLICA_DIGESTS = 77;
    static final int POSITIONED_ANSWER = 78;
    static final int ASK_POSITION = 79;
    static final int PREPARE_BRANCH = 80;
    static final int DECIDE_BRANCH = 81;
    static final int ASK_PREPARED = 82;
    static final int ASK_OUTCOME = 83;
    static final int FINISH_TRANSACTION = 84;
    static final int DESCRIBE_TRANSACTIONS = 90;
    static final int TRANSACTION_STATUSES = 91;
    static final int KILL_TRANSACTION = 92;
    static final int TRANSACTION_KILLED = 93;
    static final int GIVE_UP_NODE = 94;
    static final int CHANGE_ACK_RULE = 100;
    static final int TRANSFER_LEADER = 101;
    static final int READ_UNDER_FENCE = 102;
    static final int ASK_RETAINED = 110;
    static final int RETAINED_MOMENTS = 111;
    static final int HOLD_MOMENT = 112;

    @Override
    public int firstCode() {
        return 64;
    }

    @Override
    public int lastCode() {
        return 127;
    }

    @Override
    public Message decode(int code, WireReader payload) {
        return switch (code) {
            case EXECUTE_IN_BRANCH -> ExecuteInBranch.decode(payload);
            case FETCH_FROM_BRANCH -> FetchFromBranch.decode(payload);
            case CLOSE_BRANCH_CURSOR -> CloseBranchCursor.decode(payload);
            case END_BRANCH -> EndBranch.decode(payload);
            case CANCEL_BRANCH -> CancelBranch.decode(payload);
            case RESERVE_SEQUENCE -> ReserveSequence.decode(payload);
            case SEQUENCE_BLOCK -> SequenceBlock.decode(payload);
            case FENCE_SCHEMA_CHANGE -> FenceSchemaChange.decode(payload);
            case AWAIT_SCHEMA -> AwaitSchema.decode(payload);
            case DESCRIBE_REPLICAS -> DescribeReplicas.decode(payload);
            case REPLICA_STATUSES -> ReplicaStatuses.decode(payload);
            case BRANCH_SAVEPOINT -> BranchSavepoint.decode(payload);
            case DESCRIBE_DIGESTS -> DescribeDigests.decode(payload);
            case REPLICA_DIGESTS -> ReplicaDigests.decode(payload);
            case POSITIONED_ANSWER -> PositionedAnswer.decode(payload);
            case ASK_POSITION -> AskPosition.decode(payload);
            case PREPARE_BRANCH -> PrepareBranch.decode(payload);
            case DECIDE_BRANCH -> DecideBranch.decode(payload);
            case ASK_PREPARED -> AskPrepared.decode(payload);
            case ASK_OUTCOME -> AskOutcome.decode(payload);
            case FINISH_TRANSACTION -> FinishTransaction.decode(payload);
            case DESCRIBE_TRANSACTIONS -> DescribeTransactions.decode(payload);
            case TRANSACTION_STATUSES -> TransactionStatuses.decode(payload);
            case KILL_TRANSACTION -> KillTransaction.decode(payload);
            case TRANSACTION_KILLED -> TransactionKilled.decode(payload);
            case GIVE_UP_NODE -> GiveUpNode.decode(payload);
            case CHANGE_ACK_RULE -> ChangeAckRule.decode(payload);
            case TRANSFER_LEADER -> TransferLeader.decode(payload);
            case READ_UNDER_FENCE -> ReadUnderFence.decode(payload);
            case ASK_RETAINED -> AskRetained.decode(payload);
            case RETAINED_MOMENTS -> RetainedMoments.decode(payload);
            case HOLD_MOMENT -> HoldMoment.decode(payload);
            default -> throw new MalformedMessageException("no partition message has code " + code);
        };
    }
}
