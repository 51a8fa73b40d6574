package org.deuterium.router.execute;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.values.StatementTime;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a statement: what the client asked for, the transaction it belongs to, and where it is running now,
 * so that another thread can stop it.
 */
public final class StatementCall {

    private final ParameterRows parameters;
    private final Wishes wishes;
    private final SessionContext session;
    private final TransactionNumbers numbers;
    private final SessionReads reads;
    private final TransactionId own;
    private final @Nullable StatementCall whole;
    private final long momentMicros;
    private volatile @Nullable TransactionBranches transaction;

    private @Nullable BatchProgress batch;
    private volatile long askedNanos;
    private volatile boolean canceled;
    private volatile @Nullable Failure killedBy;
    private @Nullable Target target;
    private @Nullable List<Target> moreTargets;

    /**
     * How the client wants its answer; the meanings are those of {@link org.deuterium.wire.client.ExecuteStatement}.
     *
     * @param timeoutMillis when to stop the statement, 0 never
     */
    public record Wishes(int fetchSize, long maxRows, int timeoutMillis, KeysWanted keys, boolean wantColumns) {}

    /** A branch that is running the statement. */
    private record Target(PartitionId partition, NodeId leader, TransactionId transaction) {}

    /** @param transaction null if the statement is a transaction of its own */
    public StatementCall(
            ParameterRows parameters,
            Wishes wishes,
            SessionContext session,
            @Nullable TransactionBranches transaction,
            TransactionNumbers numbers,
            SessionReads reads) {
        this(parameters, wishes, session, transaction, numbers, reads, null);
    }

    private StatementCall(
            ParameterRows parameters,
            Wishes wishes,
            SessionContext session,
            @Nullable TransactionBranches transaction,
            TransactionNumbers numbers,
            SessionReads reads,
            @Nullable StatementCall whole) {
        this.parameters = parameters;
        this.wishes = wishes;
        this.session = session;
        this.transaction = transaction;
        this.numbers = numbers;
        this.reads = reads;
        this.whole = whole;
        this.own = whole == null ? numbers.next() : whole.own;
        this.momentMicros = whole == null ? nowMicros() : whole.momentMicros;
    }

    static long nowMicros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    /** What CURRENT_TIMESTAMP and its like say in it: in all statements of a transaction the same. */
    StatementTime time() {
        TransactionBranches clients = transaction;
        return new StatementTime(session.timeZone(), clients == null ? momentMicros : clients.momentMicros());
    }

    /** A part of the statement with parameters of its own, in the transaction the whole runs in; it is canceled with it. */
    StatementCall part(ParameterRows ofPart, Wishes wishesOfPart) {
        return new StatementCall(ofPart, wishesOfPart, session, transaction, numbers, reads, this);
    }

    ParameterRows parameters() {
        return parameters;
    }

    Wishes wishes() {
        return wishes;
    }

    SessionContext session() {
        return session;
    }

    @Nullable
    TransactionBranches transaction() {
        return transaction;
    }

    /** This call runs the same statement as an earlier one did, of which some sets of parameters may have been done. */
    public void goesOnFrom(StatementCall earlier) {
        batch = earlier.batch;
    }

    /** What earlier attempts did of a batch; null if there was none, or the statement is no batch. */
    public @Nullable BatchProgress batch() {
        return batch;
    }

    BatchProgress batchOf(int sets) {
        BatchProgress progress = batch;
        if (progress == null) {
            batch = progress = new BatchProgress(sets);
        }
        return progress;
    }

    /** What the session asks of its reads, and how far it has come. */
    SessionReads reads() {
        return reads;
    }

    /** From now on the statement is a transaction of its own that has branches in several partitions. */
    void runsIn(TransactionBranches statementsOwn) {
        transaction = statementsOwn;
    }

    /**
     * How long the statement has been under way since it first asked a partition, in milliseconds: its lock timeout is one
     * for all partitions. Asked when it asks one; the parts of a batch or of INSERT ... SELECT count for themselves.
     */
    int lockMillisUsed() {
        long now = System.nanoTime();
        if (askedNanos == 0) {
            askedNanos = now == 0 ? 1 : now;
            return 0;
        }
        return (int) Math.min(Integer.MAX_VALUE, TimeUnit.NANOSECONDS.toMillis(now - askedNanos));
    }

    /** The identity of what runs as a transaction of its own, the same in every partition. */
    TransactionId ownTransaction() {
        return own;
    }

    /** True if there is another identity to run it again with. */
    boolean hasNewTransaction() {
        return numbers.hasNext();
    }

    /** Another identity, to run again what surely did not happen. */
    TransactionId newTransaction() {
        return numbers.next();
    }

    public boolean isCanceled() {
        return whole == null ? canceled : whole.isCanceled();
    }

    void runsAt(PartitionId partition, NodeId leader, TransactionId id) {
        if (whole == null) {
            runsAtTarget(partition, leader, id);
        } else {
            whole.runsAt(partition, leader, id);
        }
    }

    private synchronized void runsAtTarget(PartitionId partition, NodeId leader, TransactionId id) {
        Target here = new Target(partition, leader, id);
        if (target == null) {
            target = here;
        } else {
            if (moreTargets == null) {
                moreTargets = new ArrayList<>();
            }
            moreTargets.add(here);
        }
    }

    /** The transaction it runs in: its client's, or its own. */
    public TransactionId identity() {
        TransactionBranches clients = transaction;
        return clients == null ? own : clients.id();
    }

    /** Stops the statement, whose client is told this. */
    public void kill(PartitionLeaders leaders, Failure reason) {
        killedBy = reason;
        cancel(leaders);
    }

    /** Why it was killed, or null. */
    public @Nullable Failure killedBy() {
        return killedBy;
    }

    /** Stops the statement wherever it runs; it then answers STATEMENT_CANCELED, unless it was done already. */
    public void cancel(PartitionLeaders leaders) {
        canceled = true;
        List<Target> targets = new ArrayList<>();
        synchronized (this) {
            if (target != null) {
                targets.add(target);
            }
            if (moreTargets != null) {
                targets.addAll(moreTargets);
            }
        }
        for (Target running : targets) {
            leaders.call(running.leader(), new CancelBranch(running.partition(), running.transaction()), ignored -> {});
        }
    }
}
