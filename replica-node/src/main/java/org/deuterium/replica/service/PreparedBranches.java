package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.deuterium.replica.host.MonotonicClock;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.storage.CommittedTransaction;
import org.deuterium.replica.storage.PreparedTransaction;
import org.deuterium.transport.FailPoint;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A leader's part in transactions over several partitions: prepares and decides branches, holds those that an earlier
 * leader prepared, and sees to it that every transaction comes to its end although its router may be gone.
 */
final class PreparedBranches {

    private static final Logger LOG = LoggerFactory.getLogger(PreparedBranches.class);
    private static final Done DONE = new Done();

    /** A router that lives decides in milliseconds. */
    private static final long UNDECIDED_MILLIS = 2_000;

    private static final long TRY_AGAIN_MILLIS = 500;
    private static final long FINISH_MILLIS = 100;
    private static final int FINISH_AT_ONCE = 128;
    private static final long LOOK_FOR_UNFINISHED_MILLIS = 5_000;

    private final PartitionHost host;
    private final OpenBranches branches;
    private final LeaderCalls others;

    /** Prepared under an earlier leader, whose shared locks of tables are gone; some may have ended since. */
    private final Set<TransactionId> inherited = ConcurrentHashMap.newKeySet();

    private final Set<TransactionId> beingResolved = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<TransactionId> finished = new ConcurrentLinkedQueue<>();

    /** Ticker only. */
    private long lastFinish;

    private long lastLook;
    private Set<TransactionId> unfinishedBefore = Set.of();

    PreparedBranches(PartitionHost host, OpenBranches branches, LeaderCalls others) {
        this.host = host;
        this.branches = branches;
        this.others = others;
    }

    /** The branch is RUNNING and its write set captured. */
    void prepare(OpenBranch branch, PrepareBranch request, byte[] writeSet, Consumer<Message> answer) {
        FailPoint.at("prepare asked", host.partition().number());
        @Nullable Failure ahead = Refusals.clockAhead(host, request.dependsOn(), request.transaction());
        @Nullable Failure doom = ahead != null ? ahead : branch.becomeEnding();
        if (doom != null) {
            branches.rollBack(branch, () -> answer.accept(doom));
            return;
        }
        PreparedTransaction prepared = new PreparedTransaction(request.transaction(), request.participants(), writeSet);
        host.propose(new BranchPrepare(branches, branch, prepared, request.dependsOn(), answer, host.partition()));
    }

    void decide(DecideBranch request, Term term, Consumer<Message> answer) {
        OpenBranch branch = branches.get(request.transaction());
        if (branch == null) {
            // Decided before, or never prepared; but only the leader knows, and whoever has a lease surely is the
            // leader.
            host.awaitLease(
                    term,
                    holds -> answer.accept(holds ? host.shown().positioned(DONE) : notSure(request.transaction())));
        } else if (branch.isPrepared()) {
            FailPoint.at("decision asked", host.partition().number());
            host.propose(new BranchDecision(branches, branch, request, answer, host.partition()));
        } else if (request.commit() || branch.isEnding()) {
            answer.accept(Failure.of(
                    ErrorCode.NOT_READY,
                    "Transaction " + request.transaction() + " is on its way into the log of " + host.partition()
                            + "; it can be decided when it is there"));
        } else {
            branches.doom(
                    branch,
                    Failure.ofTransaction(
                            ErrorCode.TRANSACTION_ROLLED_BACK,
                            "Transaction " + request.transaction() + " was rolled back while its statement ran"));
            answer.accept(DONE);
        }
    }

    private Failure notSure(TransactionId id) {
        return Failure.of(
                ErrorCode.NOT_LEADER,
                "This node is not sure that it still leads partition " + host.partition() + "; transaction " + id
                        + " is to be decided by its leader");
    }

    void finish(FinishTransaction request, Consumer<Message> answer) {
        FailPoint.at("finish asked", host.partition().number());
        finished.add(request.transaction());
        answer.accept(DONE);
    }

    /** Applier, before this leader serves: the rows of undecided transactions are locked when this returns. */
    void adopt(Term term) {
        for (PreparedTransaction prepared : host.storage().preparedTransactions()) {
            OpenBranch branch = new OpenBranch(host.storage().reopen(prepared), term);
            branch.becomePrepared(prepared.timestamp(), 0);
            branch.becomesHeavy(); // nobody counted its rows
            if (!branches.add(branch)) {
                throw new IllegalStateException("transaction " + prepared.transaction() + " is open in "
                        + host.partition() + " before its new leader serves");
            }
            inherited.add(prepared.transaction());
            LOG.info("{}: transaction {} is still undecided", host.partition(), prepared.transaction());
        }
    }

    /**
     * True while a transaction of an earlier leader's is not over. What it read others may have changed since, as nobody knows of
     * its shared locks any more; so nothing is to be shown that has such a change and not the transaction itself.
     */
    boolean holdsInherited() {
        if (!inherited.isEmpty()) {
            inherited.removeIf(id -> branches.get(id) == null);
        }
        return !inherited.isEmpty();
    }

    /** Applier: the next leader decides over them; their rows come back with its entries. */
    void stepDown() {
        branches.releasePrepared();
        inherited.clear();
        finished.clear();
    }

    /** Nobody else will decide over these. */
    void resolve(Predicate<TransactionId> which) {
        for (OpenBranch branch : branches.prepared()) {
            if (which.test(branch.transaction())) {
                resolve(branch);
            }
        }
    }

    private void resolve(OpenBranch branch) {
        TransactionId id = branch.transaction();
        @Nullable PreparedTransaction prepared = host.storage().preparedTransaction(id);
        if (prepared == null || !beingResolved.add(id)) {
            return;
        }
        new TransactionResolution(others, id, prepared.participants(), () -> {
                    branch.undecidedSince(MonotonicClock.millis() - UNDECIDED_MILLIS + TRY_AGAIN_MILLIS);
                    beingResolved.remove(id);
                })
                .start();
    }

    void onTick(long nowMillis) {
        @Nullable Term term = host.servingTerm();
        if (term == null) {
            return;
        }
        for (OpenBranch branch : branches.prepared()) {
            if (nowMillis - branch.undecidedSince() >= UNDECIDED_MILLIS) {
                resolve(branch);
            }
        }
        if (!finished.isEmpty() && (nowMillis - lastFinish >= FINISH_MILLIS || finished.size() >= FINISH_AT_ONCE)) {
            lastFinish = nowMillis;
            List<TransactionId> ids = new ArrayList<>();
            for (TransactionId id = finished.poll(); id != null; id = finished.poll()) {
                ids.add(id);
            }
            host.propose(new FinishedTransactions(term, ids, host.partition()));
        }
        if (nowMillis - lastLook >= LOOK_FOR_UNFINISHED_MILLIS) {
            lastLook = nowMillis;
            lookForUnfinished();
        }
    }

    /** Commits whose FINISH got lost: found twice, they are told to everybody once more. */
    private void lookForUnfinished() {
        Map<TransactionId, CommittedTransaction> unfinished = host.storage().unfinishedTransactions();
        for (TransactionId id : unfinishedBefore) {
            @Nullable CommittedTransaction committed = unfinished.get(id);
            if (committed != null && beingResolved.add(id)) {
                new TransactionResolution(others, id, committed.participants(), () -> beingResolved.remove(id))
                        .tell(true, committed.timestamp());
            }
        }
        unfinishedBefore = new HashSet<>(unfinished.keySet());
    }
}
