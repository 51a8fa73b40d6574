package org.deuterium.replica.service;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deuterium.replica.host.LeaderDuties;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.storage.Branch;
import org.deuterium.replica.storage.LoggedChanges;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.FenceSchemaChange;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.jspecify.annotations.Nullable;

/**
 * The client work of one partition while its replica here leads, and the reads it answers while it follows: what {@link
 * PartitionService} hands to it.
 */
final class PartitionLeadership implements LeaderDuties {

    private static final Done DONE = new Done();
    /** An entry must fit into one message to a follower. */
    private static final int MAX_WRITE_SET_BYTES = 48 << 20;

    private final PartitionHost host;
    private final ServiceThreads threads;
    private final QueuedStatements queued;
    private final LockWaiters waiters = new LockWaiters();
    private final OpenBranches branches;
    private final SequenceReservations sequences;
    private final SchemaGate gate;
    private final FollowerReads reads;
    private final LeaderHandOver handOver;
    private final PreparedBranches prepared;
    private final OutcomeQuestions outcomes;
    private final KilledTransactions killed = new KilledTransactions();
    private final Refusals refusals;
    private final PastBranches past;

    PartitionLeadership(
            PartitionHost host,
            LeaderCalls leaders,
            SchemaSource schemaSource,
            LeaderPositionSource leaderPosition,
            ServiceThreads threads) {
        this.host = host;
        this.threads = threads;
        this.queued = new QueuedStatements(threads);
        this.branches = new OpenBranches(waiters, threads.workers());
        this.sequences = new SequenceReservations(host, leaders, threads.workers());
        this.gate = new SchemaGate(host, branches, schemaSource, threads.background());
        this.reads = new FollowerReads(host, leaderPosition, threads, queued);
        this.handOver = new LeaderHandOver(host, branches, threads.background());
        this.prepared = new PreparedBranches(host, branches, leaders);
        this.outcomes = new OutcomeQuestions(host, branches, prepared);
        this.refusals = new Refusals(host, killed);
        this.past = new PastBranches(host, threads, queued, killed, refusals, new StateRetention(host, leaderPosition));
    }

    ServiceThreads threads() {
        return threads;
    }

    /** Statements whose turn has not come yet. */
    QueuedStatements queued() {
        return queued;
    }

    FollowerReads reads() {
        return reads;
    }

    LockWaiters waiters() {
        return waiters;
    }

    OpenBranches branches() {
        return branches;
    }

    SequenceReservations sequences() {
        return sequences;
    }

    LeaderHandOver handOver() {
        return handOver;
    }

    SchemaGate gate() {
        return gate;
    }

    /** What is open here of transactions AS OF, also while the replica follows. */
    PastBranches past() {
        return past;
    }

    PartitionHost host() {
        return host;
    }

    KilledTransactions killed() {
        return killed;
    }

    /** @param gone says true from the moment on when whoever asks cannot hear the answer, nor end the branch */
    void execute(ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone) {
        if (request.bound().follower() && host.servingTerm() == null) {
            reads.execute(request, answer);
        } else if (request.brief()) {
            executeNow(request, answer, gone, 0);
        } else {
            queued.execute(
                    request.transaction(),
                    () -> executeNow(request, answer, gone, LockWaiters.WINDOW_MILLIS),
                    () -> cancelNow(request, answer, gone));
        }
    }

    private void executeNow(
            ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone, int lockWindowMillis) {
        BranchStatement statement = begun(request, answer, gone);
        if (statement != null) {
            statement.run(lockWindowMillis);
        }
    }

    private void cancelNow(ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone) {
        BranchStatement statement = begun(request, answer, gone);
        if (statement != null) {
            statement.canceled();
        }
    }

    /** The branch is RUNNING for this statement; or it is answered, and this is null. */
    private @Nullable BranchStatement begun(ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone) {
        Term term = host.servingTerm();
        if (term == null) {
            answer.accept(refusals.notLeader());
            return null;
        }
        OpenBranch branch = request.begins()
                ? begin(request, answer, gone, term)
                : goOn(request.transaction(), request.schemaVersion(), answer);
        if (branch == null) {
            return null;
        }
        if (!request.brief()) {
            branch.becomesHeavy();
        }
        return new BranchStatement(this, branch, request, answer);
    }

    /** Opens the branch, or answers and returns null. */
    private @Nullable OpenBranch begin(
            ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone, Term term) {
        if (handOver.isDraining()) {
            answer.accept(refusals.notLeader());
            return null;
        }
        if (gate.isHolding() && gate.hold(() -> execute(request, answer, gone), answer)) {
            return null;
        }
        Branch opened = host.storage().openBranch(request.transaction(), request.session(), host.logKind());
        OpenBranch branch = new OpenBranch(opened, term);
        if (!branches.add(branch)) {
            opened.rollback();
            answer.accept(Failure.of(
                    ErrorCode.NOT_READY, // the router's link broke, it asks again, and what it began first still runs
                    "Transaction " + request.transaction() + " still has a branch in " + host.partition()));
            return null;
        }
        // Only now that the branch is seen by whoever steps down, changes the schema, asks for its outcome or hears
        // that a router is gone do these answers count.
        if (gone.getAsBoolean()
                || outcomes.isRefused(request.transaction())
                || killed.reason(request.transaction()) != null) {
            branches.rollBack(branch);
            answer.accept(refusals.rolledBack(request.transaction()));
            return null;
        }
        if (handOver.isDraining() || !term.equals(host.servingTerm())) {
            branches.rollBack(branch);
            answer.accept(refusals.notLeader());
            return null;
        }
        if (gate.isHolding()) {
            branches.rollBack(branch);
            execute(request, answer, gone);
            return null;
        }
        if (request.schemaVersion() != host.storage().schemaVersion()) {
            branches.rollBack(branch);
            answer.accept(refusals.staleSchema(request.schemaVersion()));
            return null;
        }
        return branch;
    }

    /** Takes up a branch that is open, or answers and returns null. */
    @Nullable
    OpenBranch goOn(TransactionId transaction, long schemaVersion, Consumer<Message> answer) {
        OpenBranch branch = branches.get(transaction);
        if (branch == null) {
            answer.accept(refusals.rolledBack(transaction));
            return null;
        }
        if (schemaVersion >= 0 && schemaVersion != host.storage().schemaVersion()) {
            answer.accept(refusals.staleSchema(schemaVersion));
            return null;
        }
        if (!branch.begin()) {
            answer.accept(Failure.of(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "Transaction " + transaction + " is busy with another request in " + host.partition()));
            return null;
        }
        return branch;
    }

    /** The branch is RUNNING: sends what it wrote through the log, or ends it right away if it wrote nothing. */
    void commit(OpenBranch branch, Message whenCommitted, ReadBound bound, Consumer<Message> answer) {
        LoggedChanges changes = captured(
                branch, () -> branch.branch().captureForLog(TransactionOutcome.countOf(whenCommitted)), answer);
        if (changes == null) {
            return;
        }
        if (changes.isEmpty()) {
            // It may have locked rows, or changes that came to nothing.
            branches.rollBack(branch, () -> endedUnchanged(branch, whenCommitted, bound, answer));
            return;
        }
        Failure ahead = Refusals.clockAhead(host, bound.dependsOn(), branch.transaction());
        Failure doom = ahead != null ? ahead : branch.becomeEnding();
        if (doom != null) {
            branches.rollBack(branch, () -> answer.accept(doom));
            return;
        }
        host.propose(new BranchCommit(branches, branch, changes, whenCommitted, bound, answer));
    }

    private void endedUnchanged(OpenBranch branch, Message whenCommitted, ReadBound bound, Consumer<Message> answer) {
        LeasedAnswer leased = leasedAnswer(branch);
        if (branch.branch().isSerializable()) {
            // Its locks kept what it read as it was only if nobody else led: docs/transactions.md.
            leased.giveLeased(positioned(whenCommitted, bound), answer, leased::noLease);
        } else {
            leased.give(positioned(whenCommitted, bound), answer, leased::noLease);
        }
    }

    LeasedAnswer leasedAnswer(OpenBranch branch) {
        return new LeasedAnswer(host, branch.term());
    }

    /** The answer to what has just been done here, with its position if that is wanted. */
    Message positioned(Message reply, ReadBound bound) {
        return !bound.positionWanted() || reply instanceof Failure
                ? reply
                : host.shown().positioned(reply);
    }

    /** A follower asks how far this leader is, or to close a moment. */
    void position(AskPosition question, Consumer<Message> answer) {
        Term term = host.servingTerm();
        if (term == null) {
            answer.accept(refusals.notLeader());
        } else if (question.closes()) {
            host.cuts().close(question.closing(), answer);
        } else {
            LeasedAnswer leased = new LeasedAnswer(host, term);
            leased.give(host.shown().positioned(DONE), answer, leased::noLease);
        }
    }

    /** What the branch wrote; or rolls it back, answers, and returns null. */
    private @Nullable LoggedChanges captured(
            OpenBranch branch, Supplier<LoggedChanges> capture, Consumer<Message> answer) {
        LoggedChanges changes;
        try {
            changes = capture.get();
        } catch (RuntimeException e) {
            branches.rollBack(branch, () -> answer.accept(Refusals.notCaptured(branch.transaction(), e)));
            return null;
        }
        if (changes.payload().length > MAX_WRITE_SET_BYTES) {
            Failure tooLarge = refusals.tooLarge(branch.transaction(), changes.payload().length, MAX_WRITE_SET_BYTES);
            branches.rollBack(branch, () -> answer.accept(tooLarge));
            return null;
        }
        return changes;
    }

    void prepare(PrepareBranch request, Consumer<Message> answer) {
        OpenBranch branch = goOn(request.transaction(), -1, answer);
        if (branch == null) {
            return;
        }
        if (branch.isHeavy()) {
            threads.workers().execute(() -> prepareNow(branch, request, answer));
        } else {
            prepareNow(branch, request, answer);
        }
    }

    private void prepareNow(OpenBranch branch, PrepareBranch request, Consumer<Message> answer) {
        LoggedChanges rows = captured(branch, branch.branch()::captureRows, answer);
        if (rows != null) {
            prepared.prepare(branch, request, rows.payload(), answer);
        }
    }

    /** Why H2's present state is no cut to be shown, or null. */
    @Nullable
    Failure cutRefusal() {
        return prepared.holdsInherited() ? refusals.undecidedBefore() : null;
    }

    void decide(DecideBranch request, Consumer<Message> answer) {
        Term term = host.servingTerm();
        if (term == null) {
            answer.accept(refusals.notLeader());
        } else {
            prepared.decide(request, term, answer);
        }
    }

    void finish(FinishTransaction request, Consumer<Message> answer) {
        prepared.finish(request, answer);
    }

    void askPrepared(AskPrepared question, Consumer<Message> answer) {
        Term term = host.servingTerm();
        if (term == null) {
            answer.accept(refusals.notLeader());
        } else {
            threads.background().execute(() -> outcomes.askPrepared(question, term, answer));
        }
    }

    void askOutcome(AskOutcome question, Consumer<Message> answer) {
        Term term = host.servingTerm();
        if (term == null) {
            answer.accept(refusals.notLeader());
        } else {
            threads.background().execute(() -> outcomes.askOutcome(question, term, answer));
        }
    }

    void end(EndBranch request, Consumer<Message> answer) {
        OpenBranch branch = branches.get(request.transaction());
        if (branch == null) {
            answer.accept(request.commit() ? refusals.rolledBack(request.transaction()) : DONE);
        } else if (branch.isHeavy() || (!request.commit() && branch.branch().hasChanges())) {
            // A rollback of changes may have to wait at the checkpoint gate.
            threads.workers().execute(() -> endNow(branch, request, answer));
        } else {
            endNow(branch, request, answer);
        }
    }

    private void endNow(OpenBranch branch, EndBranch request, Consumer<Message> answer) {
        if (!request.commit()) {
            branches.doom(branch, refusals.rolledBackByRouter(request.transaction()));
            answer.accept(DONE);
        } else if (branch.begin()) {
            commit(branch, DONE, request.bound(), answer);
        } else {
            answer.accept(refusals.rolledBack(request.transaction()));
        }
    }

    void cancel(CancelBranch request, Consumer<Message> answer) {
        OpenBranch branch = branches.get(request.transaction());
        BranchStatement waiting = branch == null ? null : branch.cancel();
        if (waiting != null) {
            waiting.giveUp(Refusals.canceled());
        }
        queued.cancel(request.transaction());
        reads.cancel(request.transaction());
        answer.accept(DONE);
    }

    void reserve(ReserveSequence request, Consumer<Message> answer) {
        if (host.servingTerm() == null) {
            answer.accept(refusals.notLeader());
        } else {
            SequenceReservation.begin(host, gate, request, answer);
        }
    }

    void fence(FenceSchemaChange request, Consumer<Message> answer) {
        if (host.servingTerm() == null) {
            answer.accept(refusals.notLeader());
        } else {
            threads.background().execute(() -> gate.fence(request.version(), request.sql(), answer));
        }
    }

    void awaitSchema(AwaitSchema request, Consumer<Message> answer) {
        if (host.servingTerm() == null) {
            answer.accept(refusals.notLeader());
        } else {
            gate.await(request.version(), answer);
            gate.follow();
        }
    }

    /** The router that began these transactions is gone. */
    void routerGone(long origin) {
        Failure reason = Refusals.routerGone();
        branches.doom(reason, transaction -> transaction.origin() == origin);
        past.end(transaction -> transaction.origin() == origin, reason);
        prepared.resolve(transaction -> transaction.origin() == origin);
        host.storage().closeCursors(transaction -> transaction.origin() == origin);
    }

    void onTick(long nowMillis) {
        waiters.onTick(nowMillis);
        reads.onTick();
        gate.onTick(nowMillis);
        prepared.onTick(nowMillis);
        outcomes.onTick(nowMillis);
        past.onTick(System.currentTimeMillis());
    }

    @Override
    public void beforeServing(Term term) {
        gate.takeUpFence();
        prepared.adopt(term);
    }

    @Override
    public void serve(Term term) {
        gate.follow();
        threads.background().execute(() -> prepared.resolve(transaction -> true));
    }

    @Override
    public void stepDown() {
        gate.stepDown(refusals.notLeader());
        branches.doom(
                Failure.ofTransaction(
                        ErrorCode.TRANSACTION_ROLLED_BACK,
                        "The transaction was rolled back because partition " + host.partition()
                                + " has another leader; run it again"),
                transaction -> true);
        prepared.stepDown();
        outcomes.stepDown();
        branches.awaitEmpty("change of leader of " + host.partition());
    }

    /** No tick comes any more: whoever waits for one is answered. {@link #stepDown} follows. */
    void removed() {
        reads.remove();
        outcomes.remove();
    }

    @Override
    public void schemaApplied(long version, @Nullable Failure failure) {
        gate.applied(version, failure);
        past.schemaChanged();
    }
}
