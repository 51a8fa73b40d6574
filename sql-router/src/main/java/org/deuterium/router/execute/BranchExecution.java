package org.deuterium.router.execute;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.ReadPreference;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/**
 * One text run in one partition, under the rules of its client's transaction:
 *
 * <ul>
 *   <li>without a client transaction, the partition commits it at once;
 *   <li>a plain read of a partition where the transaction has no branch is also a transaction of its own: at READ
 *       COMMITTED that shows the same, and needs no branch. Only such a read may go to a follower, if the session likes;
 *       what the follower does not do, the leader does;
 *   <li>at SERIALIZABLE, where reads take locks, and for everything else: it runs in the branch, which the first write or lock opens. A branch stays at the leader that
 *       opened it; when that one cannot be asked any more, the transaction is lost.
 * </ul>
 */
final class BranchExecution implements LeaderCall.Caller {

    /** How long a statement that surely did not happen is run again when leaders change under it. */
    private static final long RUN_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Who waits for the outcome. */
    interface Answer {
        /** @param leader the node that was asked, or null if there was none */
        void accept(PartitionId partition, @Nullable NodeId leader, Message reply);
    }

    private final PartitionLeaders leaders;
    private final StatementCall call;
    private final StatementShape shape;
    private final PartitionId partition;
    private final Answer answer;
    private final long startedNanos = System.nanoTime();
    private Timestamp cut = Timestamp.ZERO;
    private @Nullable NodeId keeper;
    private volatile boolean answered;
    private boolean opensBranch;
    private boolean leaderOnly;
    private boolean measuresLeader;
    private volatile long askedNanos;
    private boolean asRows;
    private @Nullable ExecuteInBranch request;
    private KeysWanted keys;

    BranchExecution(
            PartitionLeaders leaders, StatementCall call, StatementShape shape, PartitionId partition, Answer answer) {
        this.leaders = leaders;
        this.call = call;
        this.shape = shape;
        this.partition = partition;
        this.answer = answer;
        this.keys = call.wishes().keys();
    }

    /** Asks for other generated keys than the client does. */
    BranchExecution keys(KeysWanted others) {
        keys = others;
        return this;
    }

    /** A text of the router's own, or one whose rows other partitions get: its rows are logged, whatever the log kind. */
    BranchExecution asRows() {
        asRows = true;
        return this;
    }

    /** Whoever is asked is to show this cut, or to answer CUT_MISSED; for queries. */
    BranchExecution atCut(Timestamp timestamp) {
        cut = timestamp;
        return this;
    }

    /** No follower is asked, whatever the session likes. */
    BranchExecution atLeader() {
        leaderOnly = true;
        return this;
    }

    /** This replica, leader or not, is to show the state it keeps of this moment, until the branch ends. */
    BranchExecution atRetained(Timestamp moment, NodeId keeper) {
        cut = moment;
        this.keeper = keeper;
        return this;
    }

    /** A read too opens a branch of the transaction. */
    BranchExecution openingBranch() {
        opensBranch = true;
        return this;
    }

    /** Sends the text; {@code maxRows} and {@code wantColumns} as in {@link ExecuteInBranch}. */
    void start(String sql, ParameterRows parameters, long maxRows, boolean wantColumns) {
        if (call.isCanceled()) {
            answer.accept(partition, null, canceled());
            return;
        }
        TransactionBranches transaction = call.transaction();
        NodeId holder = transaction == null ? null : transaction.leaderOfBranch(partition);
        if (holder == null && !opensBranch && transaction != null && transaction.isSnapshot()) {
            transaction.lost();
            answer.accept(partition, null, TransactionFailures.madeAfterSnapshot(transaction.id(), partition));
            return;
        }
        boolean serializable = call.session().isSerializable();
        boolean alone = transaction == null
                || (holder == null && !opensBranch && !serializable && !shape.writes() && !shape.locks());
        TransactionId id = transaction == null || alone ? call.ownTransaction() : transaction.id();
        StatementCall.Wishes wishes = call.wishes();
        SessionReads reads = call.reads();
        ReadPreference preference = reads.rules().preference();
        boolean anyReplica = !leaderOnly
                && preference != ReadPreference.LEADER
                && alone
                && !serializable
                && shape.query()
                && !shape.writes()
                && !shape.locks();
        NodeId follower = anyReplica ? leaders.places().followerFor(partition, preference) : null;
        measuresLeader =
                anyReplica && follower == null && preference == ReadPreference.NEAREST && cut.equals(Timestamp.ZERO);
        ReadBound present = follower == null ? reads.progress().atLeader() : reads.atFollower(partition);
        NodeId keeps = keeper;
        ReadBound bound = keeps != null ? present.atRetained(cut) : present.atCut(cut);
        ExecuteInBranch message = new ExecuteInBranch(
                partition,
                shape.schemaVersion(),
                id,
                holder == null,
                alone,
                shape.brief(),
                call.session(),
                sql,
                parameters,
                wishes.fetchSize(),
                maxRows,
                wishes.timeoutMillis(),
                keys,
                wantColumns,
                call.lockMillisUsed(),
                call.time().momentMicros(),
                bound,
                asRows);
        request = message;
        send(message, keeps != null ? keeps : holder, follower, alone && !shape.writes());
    }

    /** @param there where it must be done; null: at the follower, or by whoever leads */
    private void send(ExecuteInBranch message, @Nullable NodeId there, @Nullable NodeId follower, boolean repeatable) {
        if (there != null) {
            askHolder(there, message);
        } else if (follower != null) {
            askFollower(follower, message);
        } else {
            new LeaderCall(leaders, message, repeatable, this).start();
        }
    }

    private void askHolder(NodeId holder, ExecuteInBranch message) {
        asking(holder);
        leaders.call(holder, message, reply -> answered(holder, reply));
        asked();
    }

    static Failure canceled() {
        return Failure.of(ErrorCode.STATEMENT_CANCELED, "The statement was canceled by the user");
    }

    private void askFollower(NodeId follower, ExecuteInBranch message) {
        asking(follower);
        new FollowerCall(leaders, follower, message).start(reply -> {
            if (FollowerCall.isForLeader(reply) && !call.isCanceled()) {
                new LeaderCall(leaders, message, true, this).start();
            } else {
                answered(follower, reply);
            }
        });
        asked();
    }

    @Override
    public void asking(NodeId leader) {
        ExecuteInBranch message = sent();
        askedNanos = System.nanoTime();
        call.runsAt(partition, leader, message.transaction());
    }

    /** Who canceled before the statement was where it is now has asked nobody there to stop it. */
    @Override
    public void asked() {
        if (!answered && call.isCanceled()) {
            call.cancel(leaders);
        }
    }

    @Override
    public boolean stillWaits() {
        return !call.isCanceled();
    }

    @Override
    public void answered(@Nullable NodeId leader, Message reply) {
        answered = true;
        ExecuteInBranch message = sent();
        if (measuresLeader && leader != null && reply instanceof PositionedAnswer) {
            leaders.places().answered(leader, System.nanoTime() - askedNanos);
        }
        if (message.ends() && shape.writes() && OutcomeQuestion.isInDoubt(reply)) {
            OutcomeQuestion.ask(
                    leaders,
                    partition,
                    message.transaction(),
                    call.reads().progress(),
                    outcome -> learnt(message, leader, (Failure) reply, outcome));
        } else {
            answer.accept(partition, leader, settle(message, leader, noted(message, reply)));
        }
    }

    /** The session remembers where the answer stands. */
    private Message noted(ExecuteInBranch message, Message reply) {
        if (!(reply instanceof PositionedAnswer positioned)) {
            return reply;
        }
        if (positioned.answer() instanceof Failure missed) {
            return MissedMoment.heard(leaders.clock(), partition, positioned.timestamp(), missed);
        }
        SessionProgress progress = call.reads().progress();
        if (message.ends() && shape.writes()) {
            progress.wrote(partition, positioned.index(), positioned.timestamp());
        } else if (showsEverything(message.bound())) {
            progress.sawEverything(partition, positioned.index(), positioned.timestamp());
        } else {
            progress.saw(partition, positioned.index(), positioned.timestamp());
        }
        return positioned.answer();
    }

    /** True if whoever answers shows all that was committed when it was asked, as far as this router knows. */
    private static boolean showsEverything(ReadBound bound) {
        return !bound.isRetained() && (!bound.follower() || bound.current() || bound.isStrong());
    }

    /** The answer to a transaction of its own was lost, and its partition says what became of it. */
    private void learnt(ExecuteInBranch message, @Nullable NodeId leader, Failure lost, TransactionOutcome outcome) {
        switch (outcome.state()) {
            case COMMITTED -> answer.accept(partition, leader, committed(message, outcome));
            case ABORTED -> {
                if (System.nanoTime() - startedNanos < RUN_AGAIN_NANOS
                        && call.hasNewTransaction()
                        && !call.isCanceled()) {
                    again();
                } else {
                    answer.accept(
                            partition, leader, TransactionFailures.rolledBack(message.transaction(), lost.message()));
                }
            }
            case PREPARED, FORGOTTEN ->
                answer.accept(
                        partition,
                        leader,
                        TransactionFailures.outcomeUnknown(message.transaction(), partition, lost.message()));
        }
    }

    private static Message committed(ExecuteInBranch message, TransactionOutcome outcome) {
        int sets = message.parameters().sets();
        if (outcome.count() == TransactionOutcome.EVERY_SET) {
            long[] counts = new long[sets];
            Arrays.fill(counts, java.sql.Statement.SUCCESS_NO_INFO);
            return new UpdateCounts(counts, List.of(), null);
        }
        if (outcome.count() != TransactionOutcome.NOT_KNOWN) {
            return UpdateCounts.of(outcome.count());
        }
        return TransactionFailures.answerLost(message.transaction(), sets);
    }

    /** It surely did not happen: once more, as another transaction. */
    private void again() {
        ExecuteInBranch before = sent();
        ExecuteInBranch message = before.as(call.newTransaction());
        request = message;
        new LeaderCall(leaders, message, false, this).start();
    }

    private ExecuteInBranch sent() {
        ExecuteInBranch message = request;
        if (message == null) {
            throw new IllegalStateException("an answer of partition " + partition + " before anything was sent");
        }
        return message;
    }

    /** Tells the transaction what happened, and the client what it means. */
    private Message settle(ExecuteInBranch message, @Nullable NodeId leader, Message reply) {
        TransactionBranches transaction = call.transaction();
        if (message.ends() || transaction == null) {
            return reply;
        }
        if (reply instanceof Failure failure) {
            return settleFailure(message, leader, failure, transaction);
        }
        opened(message, leader, transaction);
        if (shape.writes()) {
            transaction.branchWrote(partition);
        } else if (shape.locks()) {
            transaction.branchLocked(partition);
        }
        return reply;
    }

    private Failure settleFailure(
            ExecuteInBranch message, @Nullable NodeId leader, Failure failure, TransactionBranches transaction) {
        switch (failure.error()) {
            case STALE_SCHEMA -> {
                return failure;
            }
            case NOT_LEADER, NO_LEADER, NO_LEASE, NOT_READY -> {
                return message.begins() ? failure : lost(transaction, failure);
            }
            case CONNECTION_BROKEN -> {
                return keeper != null ? failure : lost(transaction, failure); // another replica may keep the state, too
            }
            default -> {
                if (failure.transactionEnded()
                        || failure.error() == ErrorCode.TRANSACTION_ROLLED_BACK
                        || failure.error() == ErrorCode.OUTCOME_UNKNOWN) {
                    transaction.lost();
                } else {
                    opened(message, leader, transaction);
                }
                return failure;
            }
        }
    }

    private static Failure lost(TransactionBranches transaction, Failure failure) {
        transaction.lost();
        return TransactionFailures.rolledBack(transaction.id(), failure.message());
    }

    private void opened(ExecuteInBranch message, @Nullable NodeId leader, TransactionBranches transaction) {
        if (message.begins() && leader != null) {
            transaction.branchOpened(partition, leader);
        }
    }
}
