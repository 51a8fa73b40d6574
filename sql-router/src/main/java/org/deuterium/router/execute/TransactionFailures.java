package org.deuterium.router.execute;

import java.util.Collection;
import java.util.TreeSet;
import org.deuterium.router.reads.AsOf;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;

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

    /** 40001: the transaction has no branch there that shows its moment. */
    static Failure madeAfterSnapshot(TransactionId id, PartitionId partition) {
        return rolledBack(id, "partition " + partition + " was made after the moment that the transaction sees");
    }

    /** 25006: it is AS OF. */
    public static Failure onlyReads(AsOf asOf) {
        return Failure.of(
                ErrorCode.READ_ONLY_TRANSACTION,
                "A transaction AS OF '" + asOf.text()
                        + "' only reads; end it, and change or lock rows in one of the present (without SET TRANSACTION"
                        + " AS OF; SET AS_OF NONE, or no asOf in the URL)");
    }

    /** 25006: its connection was read-only at SERIALIZABLE when it began. */
    public static Failure onlyReads() {
        return Failure.of(
                ErrorCode.READ_ONLY_TRANSACTION,
                "A SERIALIZABLE transaction of a read-only connection only reads; end it, and change or lock rows in"
                        + " one begun after setReadOnly(false) (SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE), or"
                        + " at another level");
    }

    /** What a client is told of a commit whose answer was lost, once the partition was asked. */
    static Message commitAnswer(TransactionId id, PartitionId partition, TransactionOutcome outcome, Failure lost) {
        return switch (outcome.state()) {
            case COMMITTED -> new Done();
            case ABORTED -> rolledBack(id, lost.message());
            case PREPARED, FORGOTTEN -> outcomeUnknown(id, partition, lost.message());
        };
    }

    /** 08P03: it is committed, and will be seen everywhere; it is not yet. */
    static Failure notShownYet(TransactionId id, Collection<PartitionId> where) {
        return Failure.ofTransaction(
                ErrorCode.ANSWER_LOST,
                "Transaction " + id + " is committed, but partitions " + new TreeSet<>(where)
                        + " have no leader that shows it yet; do not run it again: it is seen there when SHOW"
                        + " PARTITIONS names their leaders");
    }

    /** It was done, and its rows or keys cannot be told any more. */
    static Failure answerLost(TransactionId id, int sets) {
        if (sets > 1) {
            return Failure.ofTransaction(
                    ErrorCode.ANSWER_LOST,
                    "The batch was run and committed as transaction " + id
                            + ", but its answer was lost with a leader, so"
                            + " nobody can say which of its " + sets + " sets failed, or what keys they made; read what"
                            + " it changed");
        }
        return Failure.ofTransaction(
                ErrorCode.ANSWER_LOST,
                "The statement was done and committed as transaction " + id
                        + ", but its answer was lost with a leader; read what it changed");
    }
}
