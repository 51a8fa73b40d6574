package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.StatementResult;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The branches of transactions AS OF at one replica, whether it leads or follows. What they show is committed and closed, so
 * they need no lease, and outlive a change of leader. They end with their transaction, with their router, with a change of
 * the schema, and with the database.
 */
final class PastBranches {

    private static final Logger LOG = LoggerFactory.getLogger(PastBranches.class);
    private static final Done DONE = new Done();
    private static final int WORKER_WINDOW_MILLIS = 15;

    private final PartitionHost host;
    private final ServiceThreads threads;
    private final QueuedStatements queued;
    private final KilledTransactions killed;
    private final Refusals refusals;
    private final StateRetention retention;
    private final ConcurrentHashMap<TransactionId, PastBranch> branches = new ConcurrentHashMap<>();

    /** One of them, and what it was opened in. */
    private record PastBranch(OpenBranch open, H2Storage storage, long schemaVersion) {}

    PastBranches(
            PartitionHost host,
            ServiceThreads threads,
            QueuedStatements queued,
            KilledTransactions killed,
            Refusals refusals,
            StateRetention retention) {
        this.host = host;
        this.threads = threads;
        this.queued = queued;
        this.killed = killed;
        this.refusals = refusals;
        this.retention = retention;
    }

    /** Ticker. */
    void onTick(long nowMillis) {
        retention.onTick(nowMillis);
    }

    /** Answers what concerns such a branch; false if the request does not. */
    boolean takes(PartitionRequest request, Consumer<Message> answer, BooleanSupplier gone) {
        if (request instanceof ExecuteInBranch execute) {
            boolean mine = execute.begins() ? execute.bound().isRetained() : knows(execute.transaction());
            if (mine) {
                execute(execute, answer, gone);
            }
            return mine;
        }
        if (request instanceof AskRetained) {
            answer.accept(host.shown().isHidden() ? refusals.notLeader() : retention.moments());
            return true;
        }
        return !branches.isEmpty() && takesOfOpen(request, answer);
    }

    private boolean takesOfOpen(PartitionRequest request, Consumer<Message> answer) {
        if (request instanceof EndBranch end) {
            return ends(end.transaction(), refusals.rolledBackByRouter(end.transaction()), answer);
        } else if (request instanceof BranchSavepoint savepoint && knows(savepoint.transaction())) {
            answer.accept(DONE); // there is nothing that could be undone
            return true;
        } else if (request instanceof CancelBranch cancel) {
            PastBranch branch = branches.get(cancel.transaction());
            if (branch != null) {
                branch.open().cancel();
                queued.cancel(cancel.transaction());
                answer.accept(DONE);
            }
            return branch != null;
        }
        return false;
    }

    private boolean ends(TransactionId transaction, Failure reason, Consumer<Message> answer) {
        boolean found = end(transaction, reason);
        if (found) {
            answer.accept(DONE);
        }
        return found;
    }

    private boolean knows(TransactionId transaction) {
        return !branches.isEmpty() && branches.containsKey(transaction);
    }

    /** All of them, as they are at this moment. */
    List<OpenBranch> all() {
        List<OpenBranch> all = new ArrayList<>();
        branches.values().forEach(branch -> all.add(branch.open()));
        return all;
    }

    private void execute(ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone) {
        if (request.brief()) {
            executeNow(request, answer, gone, 0);
        } else {
            queued.execute(
                    request.transaction(),
                    () -> executeNow(request, answer, gone, WORKER_WINDOW_MILLIS),
                    () -> cancelNow(request, answer));
        }
    }

    /** Before its turn. No branch is opened without its snapshot, so a transaction that begins here ends here. */
    private void cancelNow(ExecuteInBranch request, Consumer<Message> answer) {
        if (request.begins()) {
            Failure reason = killed.reason(request.transaction());
            answer.accept(reason != null ? reason : Refusals.canceled().endingTransaction());
            return;
        }
        PastBranch branch = goOn(request, answer);
        if (branch != null) {
            finish(branch, request, answer, Refusals.canceled());
        }
    }

    private void executeNow(ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone, int windowMillis) {
        PastBranch branch;
        try {
            branch = request.begins() ? begin(request, answer, gone) : goOn(request, answer);
        } catch (RuntimeException | Error e) { // of a database that is being replaced or closed, say
            LOG.error("{}: {} could not begin AS OF", host.partition(), request.sql(), e);
            answer.accept(Failure.ofTransaction(
                    ErrorCode.INTERNAL_ERROR, "The statement could not begin: " + e + "; run the transaction again"));
            return;
        }
        if (branch != null) {
            branch.open().runs(request.sql());
            attempt(branch, request, answer, () -> branch.open().branch().execute(request, windowMillis));
        }
    }

    /** Opens the branch, or answers and returns null. */
    private @Nullable PastBranch begin(ExecuteInBranch request, Consumer<Message> answer, BooleanSupplier gone) {
        H2Storage storage = host.storage();
        if (host.shown().isHidden() || storage.isClosed()) {
            answer.accept(refusals.notLeader());
            return null;
        }
        if (request.schemaVersion() != storage.schemaVersion()) {
            answer.accept(refusals.staleSchema(request.schemaVersion()));
            return null;
        }
        PastBranch branch = new PastBranch(
                new OpenBranch(
                        storage.openBranch(
                                request.transaction(), request.session().with(Isolation.SNAPSHOT)),
                        Term.NONE),
                storage,
                request.schemaVersion());
        if (branches.putIfAbsent(request.transaction(), branch) != null) {
            branch.open().branch().rollback();
            answer.accept(Failure.of(
                    ErrorCode.NOT_READY, // the router's link broke, it asks again, and what it began first still runs
                    "Transaction " + request.transaction() + " still has a branch in " + host.partition()));
            return null;
        }
        // Only now that the branch is seen by whoever ends it from outside do these answers count.
        if (gone.getAsBoolean() || killed.reason(request.transaction()) != null) {
            over(branch);
            answer.accept(refusals.rolledBack(request.transaction()));
            return null;
        }
        return branch;
    }

    /** Takes up a branch that is open, or answers and returns null. */
    private @Nullable PastBranch goOn(ExecuteInBranch request, Consumer<Message> answer) {
        PastBranch branch = branches.get(request.transaction());
        if (branch == null) {
            answer.accept(refusals.rolledBack(request.transaction()));
            return null;
        }
        if (!branch.open().begin()) {
            answer.accept(Failure.of(
                    ErrorCode.PROTOCOL_VIOLATION,
                    "Transaction " + request.transaction() + " is busy with another request in " + host.partition()));
            return null;
        }
        Failure why = whyOver(branch);
        if (why != null) {
            over(branch);
            answer.accept(why);
            return null;
        }
        return branch;
    }

    private void attempt(
            PastBranch branch, ExecuteInBranch request, Consumer<Message> answer, Supplier<StatementResult> attempt) {
        StatementResult result;
        try {
            result = attempt.get();
        } catch (RuntimeException | Error e) {
            LOG.error("{}: {} failed AS OF", host.partition(), request.sql(), e);
            finish(
                    branch,
                    request,
                    answer,
                    Failure.ofTransaction(ErrorCode.INTERNAL_ERROR, "The statement failed: " + e));
            return;
        }
        switch (result.kind()) {
            case ANSWERED -> finish(branch, request, answer, result.answer());
            case GATE_CLOSED ->
                threads.of(request)
                        .execute(() -> attempt(branch, request, answer, () -> branch.open()
                                .branch()
                                .resume(WORKER_WINDOW_MILLIS)));
            case LOCKED, NEEDS_SEQUENCE_BLOCK, AWAITS_CUT -> finish(branch, request, answer, schemaChanges());
        }
    }

    private void finish(PastBranch branch, ExecuteInBranch request, Consumer<Message> answer, Message reply) {
        Failure why = whyOver(branch);
        if (why == null && reply instanceof Failure failure) {
            boolean notOpened = failure.error() == ErrorCode.STATE_NOT_RETAINED;
            why = failure.transactionEnded() || notOpened ? failure : null;
        }
        if (why == null) {
            why = branch.open().becomeIdle();
        }
        if (why != null) {
            over(branch);
        } else if (request.ends()) {
            end(request.transaction(), refusals.rolledBack(request.transaction()));
        }
        answer.accept(why == null ? reply : why);
    }

    /** Why the branch cannot go on, nor what it has just read be believed; or null. */
    private @Nullable Failure whyOver(PastBranch branch) {
        if (branch.schemaVersion() != branch.storage().schemaVersion()) {
            return schemaChanges();
        }
        return branch.storage().isClosed() || host.shown().isHidden()
                ? Failure.ofTransaction(
                        ErrorCode.TRANSACTION_ROLLED_BACK,
                        "The transaction AS OF was rolled back because the database of " + host.partition()
                                + " here is replaced or closed; run it again")
                : null;
    }

    private Failure schemaChanges() {
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "The transaction AS OF was rolled back because the schema has changed, and no table can be shown as it"
                        + " was before; run it again");
    }

    /** The schema has changed. */
    void schemaChanged() {
        if (!branches.isEmpty()) {
            threads.workers().execute(() -> end(transaction -> true, schemaChanges()));
        }
    }

    /** Ends those of some transactions; the busy ones end a moment later. */
    void end(Predicate<TransactionId> which, Failure reason) {
        for (TransactionId transaction : List.copyOf(branches.keySet())) {
            if (which.test(transaction)) {
                end(transaction, reason);
            }
        }
    }

    /** False if the transaction has no branch here. */
    boolean end(TransactionId transaction, Failure reason) {
        PastBranch branch = branches.get(transaction);
        if (branch == null) {
            return false;
        }
        if (branch.open().doom(reason) == OpenBranch.Doomed.IDLE) {
            over(branch);
        }
        return true;
    }

    /** By the thread whose the branch is. */
    private void over(PastBranch branch) {
        try {
            branch.open().branch().rollback();
        } catch (RuntimeException e) {
            if (branch.storage().isClosed()) {
                LOG.debug("{} went with its database", branch.open().transaction(), e);
            } else {
                LOG.error("{} could not be ended in H2", branch.open().transaction(), e);
            }
        }
        branch.open().ended();
        branches.remove(branch.open().transaction(), branch);
    }
}
