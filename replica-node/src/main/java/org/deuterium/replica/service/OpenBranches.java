package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The open branches of one partition at its leader. */
final class OpenBranches {

    private static final Logger LOG = LoggerFactory.getLogger(OpenBranches.class);
    private static final long REPORT_MILLIS = 5_000;

    private final ConcurrentHashMap<TransactionId, OpenBranch> branches = new ConcurrentHashMap<>();
    private final LockWaiters waiters;
    private final Executor workers;
    private final Object empty = new Object();
    private volatile int awaitingEmpty;

    OpenBranches(LockWaiters waiters, Executor workers) {
        this.waiters = waiters;
        this.workers = workers;
    }

    /** False if the transaction already has a branch here. */
    boolean add(OpenBranch branch) {
        return branches.putIfAbsent(branch.transaction(), branch) == null;
    }

    @Nullable
    OpenBranch get(TransactionId transaction) {
        return branches.get(transaction);
    }

    /** True if a transaction is named that has no branch here any more. */
    boolean hasEnded(TransactionId transaction) {
        return !transaction.equals(TransactionId.NONE) && !branches.containsKey(transaction);
    }

    /** The branch to which H2 has given this number, or null if none holds locks under it. */
    @Nullable
    OpenBranch withH2Number(int number) {
        for (OpenBranch branch : branches.values()) {
            if (branch.branch().h2Number() == number) {
                return branch;
            }
        }
        return null;
    }

    /** All of them, as they are at this moment. */
    List<OpenBranch> all() {
        return new ArrayList<>(branches.values());
    }

    /** Those that wait for the decision over their transaction. */
    List<OpenBranch> prepared() {
        List<OpenBranch> prepared = new ArrayList<>(0);
        for (OpenBranch branch : branches.values()) {
            if (branch.isPrepared()) {
                prepared.add(branch);
            }
        }
        return prepared;
    }

    /** Rolls those back in H2 that are prepared: another leader will hold them. */
    void releasePrepared() {
        for (OpenBranch branch : all()) {
            if (branch.releasePrepared()) {
                rollBack(branch);
            }
        }
    }

    int size() {
        return branches.size();
    }

    /** Rolls a branch back that this thread uses, and forgets it. */
    void rollBack(OpenBranch branch) {
        boolean heldLocks = true;
        try {
            heldLocks = branch.branch().holdsLocks();
            branch.branch().rollback();
        } catch (RuntimeException e) {
            // its database is closed, or broken and about to be rebuilt; the transaction is over either way
            LOG.warn("transaction {} could not be rolled back in H2", branch.transaction(), e);
        }
        ended(branch, heldLocks);
    }

    /** As {@link #rollBack(OpenBranch)}, by a worker if there is something to undo: that may mean to wait at the checkpoint gate. */
    void rollBack(OpenBranch branch, Runnable then) {
        if (branch.branch().hasChanges()) {
            workers.execute(() -> {
                rollBack(branch);
                then.run();
            });
        } else {
            rollBack(branch);
            then.run();
        }
    }

    /** Forgets a branch whose H2 transaction is over; others may have waited for locks it held. */
    void ended(OpenBranch branch, boolean heldLocks) {
        branch.ended();
        branches.remove(branch.transaction(), branch);
        if (heldLocks) {
            waiters.transactionEnded(branch.branch().h2Number(), branch.transaction());
        }
        if (awaitingEmpty > 0 && branches.isEmpty()) {
            synchronized (empty) {
                empty.notifyAll();
            }
        }
    }

    /** Makes an end of all branches that are not on their way to the log; the busy ones end a moment later. */
    void doom(Failure reason, Predicate<TransactionId> which) {
        List<OpenBranch> all = new ArrayList<>(branches.values());
        for (OpenBranch branch : all) {
            if (which.test(branch.transaction())) {
                doom(branch, reason);
            }
        }
    }

    OpenBranch.Doomed doom(OpenBranch branch, Failure reason) {
        OpenBranch.Doomed found = branch.doom(reason);
        switch (found) {
            case IDLE -> rollBack(branch);
            case WAITING -> {
                BranchStatement statement = branch.takeWaiting();
                rollBack(branch);
                if (statement != null) {
                    statement.answer(reason);
                }
            }
            case BUSY, PAST -> {}
        }
        return found;
    }

    /** Waits until no branch is open; false if that takes too long. */
    boolean awaitEmpty(long timeoutMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        synchronized (empty) {
            awaitingEmpty++;
            try {
                while (!branches.isEmpty()) {
                    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                    if (left <= 0) {
                        return false;
                    }
                    empty.wait(left);
                }
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                awaitingEmpty--;
            }
        }
    }

    /** Waits until no branch is open, however long that takes. */
    void awaitEmpty(String why) {
        while (!awaitEmpty(REPORT_MILLIS)) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            LOG.warn("{}: still waiting for {} branches to end", why, branches.size());
        }
    }
}
