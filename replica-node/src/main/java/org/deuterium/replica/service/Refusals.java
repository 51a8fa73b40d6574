package org.deuterium.replica.service;

import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.storage.SnapshotConflictException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** What a partition's replica says when it does not do what it was asked. */
final class Refusals {

    private final PartitionHost host;
    private final KilledTransactions killed;

    Refusals(PartitionHost host, KilledTransactions killed) {
        this.host = host;
        this.killed = killed;
    }

    Failure notLeader() {
        return Failure.of(
                ErrorCode.NOT_LEADER, "This node does not lead partition " + host.partition() + "; ask its leader");
    }

    Failure staleSchema(long planned) {
        return Failure.of(
                ErrorCode.STALE_SCHEMA,
                "The statement was planned for schema version " + planned + ", but partition " + host.partition()
                        + " is at " + host.storage().schemaVersion());
    }

    /** The transaction is over here; why, if somebody ended it from outside. */
    Failure rolledBack(TransactionId transaction) {
        Failure reason = killed.reason(transaction);
        return reason != null
                ? reason
                : Failure.ofTransaction(
                        ErrorCode.TRANSACTION_ROLLED_BACK,
                        "Transaction " + transaction + " has no branch in partition " + host.partition()
                                + " any more: it was rolled back with an earlier leader; run it again");
    }

    /** See {@link PreparedBranches#holdsInherited}. */
    Failure undecidedBefore() {
        return Failure.of(
                ErrorCode.CUT_MISSED,
                "Partition " + host.partition() + " has a transaction that was undecided when its leader changed");
    }

    /** What a transaction wrote is not for the log: somebody was first, or something is wrong here. */
    static Failure notCaptured(TransactionId transaction, RuntimeException why) {
        return why instanceof SnapshotConflictException
                ? Failure.ofTransaction(
                        ErrorCode.TRANSACTION_ROLLED_BACK,
                        "Transaction " + transaction + " was rolled back because " + why.getMessage()
                                + "; run it again")
                : Failure.ofTransaction(
                        ErrorCode.INTERNAL_ERROR,
                        "What transaction " + transaction
                                + " wrote could not be taken for the log, so it was rolled back: " + why.getMessage());
    }

    /**
     * Why a transaction's entry cannot have a timestamp after all that its session has seen and done, or null. One clock that is
     * wrong would else take along every partition that a session writes: no later moment could be closed there.
     */
    static @Nullable Failure clockAhead(PartitionHost host, Timestamp dependsOn, TransactionId transaction) {
        if (dependsOn.equals(Timestamp.ZERO) || dependsOn.compareTo(host.shown().mostTimestamp()) <= 0) {
            return null;
        }
        long nowMillis = System.currentTimeMillis();
        return !HybridClock.isTooFarAhead(dependsOn, nowMillis)
                ? null
                : Failure.ofTransaction(
                        ErrorCode.CLOCK_AHEAD,
                        "Transaction " + transaction + " was rolled back: what its session has seen or done is "
                                + (dependsOn.millis() - nowMillis) + " ms ahead of the clock of the leader of "
                                + host.partition() + ", more than the " + HybridClock.MAX_AHEAD_MILLIS
                                + " ms that are allowed: the clock of another node is ahead, or was set back; set the"
                                + " clocks of the machines (NTP), and run it again in a new session or when that time"
                                + " has come");
    }

    Failure tooLarge(TransactionId transaction, int bytes, int mostBytes) {
        return Failure.ofTransaction(
                ErrorCode.LIMIT_EXCEEDED,
                "Transaction " + transaction + " changed " + bytes + " bytes of rows in partition " + host.partition()
                        + ", more than the " + mostBytes + " one entry of the log may have, and was rolled back; commit"
                        + " in smaller parts");
    }

    static Failure canceled() {
        return Failure.of(ErrorCode.STATEMENT_CANCELED, "Statement was canceled or the session timed out");
    }

    static Failure routerGone() {
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK, "the node that ran the transaction for its client is gone");
    }

    Failure rolledBackByRouter(TransactionId transaction) {
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "Transaction " + transaction + " was rolled back while its statement ran");
    }
}
