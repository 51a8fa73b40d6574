package org.deuterium.router.execute;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;

/** What clients are told when the cluster, not their SQL, decided over their transaction. */
public final class TransactionFailures {

    private TransactionFailures() {}

    /** 08007: a commit was sent, and its answer was lost. */
    public static Failure outcomeUnknown(TransactionId id, PartitionId partition, String why) {
        return Failure.ofTransaction(
                ErrorCode.OUTCOME_UNKNOWN,
                "Nobody can say yet whether transaction " + id + " was committed in partition " + partition + " (" + why
                        + "); look for its effect before running it again");
    }

    /** 40001: surely nothing of the transaction was committed. */
    public static Failure rolledBack(TransactionId id, String why) {
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "Transaction " + id + " was rolled back (" + why + "); run it again");
    }

    /** 0A000: the rule that a transaction writes one partition. */
    static Failure secondPartition(TransactionId id, PartitionId written, PartitionId wanted) {
        return Failure.of(
                ErrorCode.NOT_SUPPORTED,
                "Writing several partitions in one transaction is not supported yet: transaction " + id
                        + " has written "
                        + written + " and this statement writes " + wanted
                        + "; commit first, or use rows whose partition columns are equal");
    }
}
