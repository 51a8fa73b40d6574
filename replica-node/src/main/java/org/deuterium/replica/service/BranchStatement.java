package org.deuterium.replica.service;

import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deuterium.replica.host.CutListener;
import org.deuterium.replica.host.MonotonicClock;
import org.deuterium.replica.storage.StatementResult;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One statement in a branch, from its first attempt to its answer; it may wait for locks and sequences in between. */
final class BranchStatement implements LockWaiters.Waiter {

    private static final Logger LOG = LoggerFactory.getLogger(BranchStatement.class);

    /** However long the statement has waited in other partitions, here it gets the time of a few attempts. */
    private static final int LEAST_LOCK_WAIT_MILLIS = 100;

    /** From then on it is found out, at each attempt, who holds the lock. Most waits are over before. */
    private static final long NAMED_AFTER_MILLIS = 80;

    private final PartitionLeadership leadership;
    private final OpenBranch branch;
    private final ExecuteInBranch request;
    private final Consumer<Message> answer;
    private boolean inline;
    private long lockDeadlineMillis;
    private long ticket;

    /** True while the attempt under way was made after a wait for {@link #waitedFor}. */
    private boolean waited;

    private @Nullable String waitedFor;

    /** From the first attempt that met a lock to the one that does not. */
    private volatile boolean metLock;

    private long waitingSinceMillis;
    private long attempts;
    private volatile @Nullable LockWait lockWait;

    BranchStatement(
            PartitionLeadership leadership, OpenBranch branch, ExecuteInBranch request, Consumer<Message> answer) {
        this.leadership = leadership;
        this.branch = branch;
        this.request = request;
        this.answer = answer;
    }

    /** True while it waits for a lock, also while it tries again whether it is free. */
    boolean waitsForLock() {
        return metLock;
    }

    /** What it has waited for since {@link #NAMED_AFTER_MILLIS} or longer, as its last attempt found it. */
    @Nullable
    LockWait lockWait() {
        return lockWait;
    }

    @Override
    public long lockDeadlineMillis() {
        return lockDeadlineMillis;
    }

    /** The branch is RUNNING, for this statement. */
    void run(int lockWindowMillis) {
        inline = lockWindowMillis == 0;
        branch.runs(this, request.sql());
        attempt(() -> branch.branch().execute(request, lockWindowMillis));
    }

    /** A failure that is no answer of H2 takes the branch with it: nobody knows what is in its session. */
    private void attempt(Supplier<StatementResult> attempt) {
        long ends = leadership.waiters().ends();
        StatementResult result;
        try {
            result = attempt.get();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: {} failed", leadership.host().partition(), request.sql(), e);
            leadership.branches().rollBack(branch);
            answer.accept(Failure.ofTransaction(
                    ErrorCode.INTERNAL_ERROR, "The statement failed, its transaction was rolled back: " + e));
            return;
        }
        proceed(result, ends);
    }

    /** The branch is RUNNING, for this statement, and somebody stopped it before its turn came. */
    void canceled() {
        branch.runs(this, request.sql());
        finish(Refusals.canceled());
    }

    /** The threads on which it goes on. */
    private Executor own() {
        return leadership.threads().of(request);
    }

    /** The lock may be free, or the sequence has values. */
    @Override
    public void resume(int windowMillis) {
        own().execute(() -> tryAgain(windowMillis));
    }

    private void tryAgain(int windowMillis) {
        leadership.waiters().tries(ticket);
        if (branch.resume(this)) {
            attempt(() -> branch.branch().resume(windowMillis));
        } else if (ticket != 0) {
            leadership.waiters().passOn(waitedFor); // its branch was ended while it waited: it is the next one's turn
        }
    }

    @Override
    public void lockTimedOut() {
        giveUp(Failure.of(
                ErrorCode.LOCK_TIMEOUT,
                "Timeout: " + holder() + " holds a row or table that the statement needs, for longer than "
                        + branch.branch().lockTimeoutMillis(request.session().lockTimeoutMillis())
                        + " ms; see SHOW TRANSACTIONS, try again, or wait longer (SET LOCK_TIMEOUT, or lockTimeout in"
                        + " the URL); SQL statement: " + request.sql()));
    }

    private String holder() {
        LockWait wait = lockWait;
        return wait == null || wait.holder().equals(TransactionId.NONE)
                ? "another transaction"
                : "transaction " + wait.holder();
    }

    /** Its wait comes to nothing; a batch goes on with its next row. Any thread. */
    void giveUp(Failure failure) {
        boolean goesOn = request.parameters().sets() > 1;
        (goesOn ? own() : leadership.threads().workers()).execute(() -> {
            if (branch.resume(this)) {
                lockDeadlineMillis = 0;
                attempt(() -> branch.branch().giveUp(failure, LockWaiters.WINDOW_MILLIS));
            }
        });
    }

    private void proceed(StatementResult result, long endsBefore) {
        boolean hadWaited = waited;
        waited = false;
        boolean locked = result.kind() == StatementResult.Kind.LOCKED;
        metLock = locked;
        if (!locked) {
            lockWait = null;
        }
        StatementResult.HeldRow row = result.lock();
        if (hadWaited && !(locked && Objects.equals(waitedFor, row == null ? null : row.name()))) {
            leadership.waiters().passOn(waitedFor);
        }
        switch (result.kind()) {
            case ANSWERED -> finish(result.answer());
            case LOCKED -> waitForLock(row, endsBefore);
            case AWAITS_CUT -> leadership.host().cuts().atLeader(request.bound().cut(), new AtCut());
            case GATE_CLOSED ->
                own().execute(() -> {
                    inline = false;
                    attempt(() -> branch.branch().resume(LockWaiters.WINDOW_MILLIS));
                });
            case NEEDS_SEQUENCE_BLOCK -> {
                @Nullable String sequence = result.sequence();
                if (sequence != null && becomeWaiting()) {
                    leadership.sequences().reserve(sequence, result.valuesWanted(), request.schemaVersion(), this);
                }
            }
        }
    }

    /** The branch stays RUNNING meanwhile. */
    private final class AtCut implements CutListener {

        @Override
        public void opened() {
            Failure refusal = leadership.cutRefusal();
            if (refusal != null) {
                leadership
                        .threads()
                        .workers()
                        .execute(() -> missed(new PositionedAnswer(LogIndex.NONE, Timestamp.ZERO, refusal)));
                return;
            }
            try {
                branch.branch().startAtCut();
                own().execute(() -> attempt(() -> branch.branch().resume(LockWaiters.WINDOW_MILLIS)));
            } catch (RuntimeException e) {
                leadership
                        .threads()
                        .workers()
                        .execute(() -> attempt(() -> {
                            throw e;
                        }));
            }
        }

        @Override
        public void missed(Message why) {
            Failure doom = request.begins() ? null : branch.becomeIdle();
            if (request.begins() || doom != null) {
                leadership.branches().rollBack(branch);
            }
            answer.accept(doom == null ? why : doom);
        }
    }

    private void waitForLock(StatementResult.@Nullable HeldRow row, long endsBefore) {
        long now = MonotonicClock.millis();
        if (lockDeadlineMillis == 0) {
            waitingSinceMillis = now;
            int limit = branch.branch().lockTimeoutMillis(request.session().lockTimeoutMillis());
            int left = Math.max(limit - request.lockMillisUsed(), Math.min(limit, LEAST_LOCK_WAIT_MILLIS));
            lockDeadlineMillis = now + left;
            ticket = leadership.waiters().newTicket();
        }
        attempts++;
        if (now - waitingSinceMillis >= NAMED_AFTER_MILLIS) {
            lockWait = new LockWait(ticket, attempts, now - waitingSinceMillis, holderOf(row));
        }
        String name = row == null ? null : row.name();
        waited = true;
        waitedFor = name;
        if (becomeWaiting()) {
            leadership.waiters().add(this, row, ticket, endsBefore);
            if (row != null && leadership.branches().hasEnded(row.holder())) {
                leadership.waiters().passOn(name);
            }
        }
        OpenBranch victim = row == null ? null : leadership.branches().get(row.victim());
        if (row != null && victim != null) {
            leadership.threads().workers().execute(() -> leadership.branches().doom(victim, row.deadlock()));
        }
    }

    private TransactionId holderOf(StatementResult.@Nullable HeldRow row) {
        if (row == null || !row.holder().equals(TransactionId.NONE)) {
            return row == null ? TransactionId.NONE : row.holder();
        }
        OpenBranch holder = leadership.branches().withH2Number(row.h2Number());
        return holder == null ? TransactionId.NONE : holder.transaction();
    }

    private boolean becomeWaiting() {
        Failure doom = branch.becomeWaiting(this);
        if (doom != null) {
            leadership.branches().rollBack(branch, () -> answer.accept(doom));
        }
        return doom == null;
    }

    private void endWith(Message reply) {
        leadership.branches().rollBack(branch);
        LeasedAnswer leased = leadership.leasedAnswer(branch);
        leased.give(reply, answer, request.ends() && request.begins() ? leased::noLease : leased::rolledBack);
    }

    private void finish(Message reply) {
        boolean ended = reply instanceof Failure failure && (failure.transactionEnded() || request.ends());
        if (ended && inline && branch.branch().hasChanges()) {
            // To undo them may mean to wait at the gate.
            leadership.threads().workers().execute(() -> endWith(reply));
        } else if (ended) {
            endWith(reply);
        } else if (request.ends()) {
            leadership.commit(branch, reply, request.bound(), answer);
        } else {
            Failure doom = branch.becomeIdle();
            if (doom != null) {
                leadership.branches().rollBack(branch, () -> answer.accept(doom));
            } else {
                LeasedAnswer leased = leadership.leasedAnswer(branch);
                leased.give(leadership.positioned(reply, request.bound()), answer, () -> {
                    Failure failure = request.begins() ? leased.noLease() : leased.rolledBack();
                    leadership.branches().doom(branch, failure);
                    return failure;
                });
            }
        }
    }

    /** The branch is over, and this statement with it. */
    void answer(Failure reason) {
        answer.accept(reason);
    }
}
