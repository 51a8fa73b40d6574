package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.TransactionKilled;
import org.deuterium.wire.partition.TransactionStatuses;
import org.deuterium.wire.partition.TransactionStatuses.BranchStatus;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** Tells of the transactions that are open in the partitions this node leads and at its router, and ends them. */
final class TransactionDesk {

    private static final int SHOWN_TEXT = 200;

    private final NodeId node;
    private final Supplier<List<PartitionLeadership>> leaderships;
    private volatile @Nullable OwnRouter router;

    TransactionDesk(NodeId node, Supplier<List<PartitionLeadership>> leaderships) {
        this.node = node;
        this.leaderships = leaderships;
    }

    void router(OwnRouter own) {
        router = own;
    }

    @Nullable
    OwnRouter router() {
        return router;
    }

    /** True if the transaction has branches here, and all of them wait for the word of its client. */
    boolean isIdle(TransactionId transaction) {
        boolean found = false;
        for (PartitionLeadership leadership : leaderships.get()) {
            OpenBranch branch = leadership.branches().get(transaction);
            if (branch != null) {
                if (!branch.isIdle()) {
                    return false;
                }
                found = true;
            }
        }
        return found;
    }

    TransactionStatuses describe(boolean waitsOnly) {
        OwnRouter own = router;
        return new TransactionStatuses(
                node, branches(waitsOnly), waitsOnly || own == null ? List.of() : own.transactions());
    }

    /** The branches here; those that wait for a lock, or all. */
    List<BranchStatus> branches(boolean waitsOnly) {
        List<BranchStatus> found = new ArrayList<>();
        for (PartitionLeadership leadership : leaderships.get()) {
            List<OpenBranch> open = leadership.branches().all();
            open.addAll(leadership.past().all());
            for (OpenBranch branch : open) {
                LockWait wait = branch.lockWait();
                if (wait != null || !waitsOnly) {
                    found.add(new BranchStatus(
                            leadership.host().partition(),
                            branch.transaction(),
                            branch.shownState(),
                            branch.openedAtMicros(),
                            waitsOnly ? "" : shortened(branch.statement()),
                            wait));
                }
            }
        }
        return found;
    }

    private static String shortened(String sql) {
        return sql.length() <= SHOWN_TEXT ? sql : sql.substring(0, SHOWN_TEXT) + "...";
    }

    /**
     * Ends the branches first, so that their locks are free at once; their leaders remember why, whatever the client does
     * next. Then the client's session.
     */
    TransactionKilled kill(KillTransaction request) {
        Failure reason = Failure.ofTransaction(request.error(), request.reason());
        int ended = 0;
        int committing = 0;
        for (PartitionLeadership leadership : leaderships.get()) {
            OpenBranch branch = leadership.branches().get(request.transaction());
            if (branch != null && (branch.isPrepared() || branch.isEnding())) {
                committing++;
                continue;
            }
            leadership.killed().add(request.transaction(), reason);
            leadership.queued().cancel(request.transaction()); // it is answered when its branch has ended, or finds why
            if (branch == null) {
                ended += leadership.past().end(request.transaction(), reason) ? 1 : 0;
                continue;
            }
            if (leadership.branches().doom(branch, reason) == OpenBranch.Doomed.PAST) {
                committing++;
            } else {
                ended++;
            }
        }
        OwnRouter own = router;
        boolean session = committing == 0 && own != null && own.kill(request.transaction(), reason);
        return new TransactionKilled(ended, committing, session);
    }
}
