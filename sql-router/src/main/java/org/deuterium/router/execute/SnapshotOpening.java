package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.AsOf;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/**
 * Opens the branches of a transaction at REPEATABLE READ or SNAPSHOT, or of one at SERIALIZABLE that only reads, in every
 * partition of the database, at one cut: all its statements then see the state of that moment, and what the transaction itself
 * has done. Blocks: for workers only.
 */
final class SnapshotOpening {

    /** H2 takes a snapshot of all tables with a session's first statement, whatever that is. */
    private static final String FIRST_STATEMENT = "SELECT 1";

    private final PartitionLeaders leaders;

    SnapshotOpening(PartitionLeaders leaders) {
        this.leaders = leaders;
    }

    /** True if the statement must wait for {@link #open}. */
    static boolean isWanted(StatementCall call) {
        return call.transaction() instanceof SessionTransaction clients
                && clients.isSnapshot()
                && !clients.hasBranches();
    }

    /** Null when all are open; else why not, and none is. */
    @Nullable
    Failure open(long schemaVersion, StatementCall call) {
        SessionTransaction transaction = (SessionTransaction) Objects.requireNonNull(call.transaction());
        StatementShape shape = new StatementShape(schemaVersion, true, false, false, true, List.of(), List.of());
        AsOf past = transaction.asOf();
        if (past != null) {
            Failure failure = new PastOpening(leaders, this).open(past, shape, call, transaction);
            return failure == null ? opened(transaction) : failure;
        }
        CutAttempts attempts =
                new CutAttempts(leaders, call.reads().progress().atLeader().dependsOn());
        while (true) {
            Timestamp cut = attempts.next();
            HeldMoment moment = new HeldMoment(leaders, cut, allPartitions());
            Failure failure = moment.close(call);
            if (failure == null) {
                failure = openAll(shape, call, (branch, partition) -> branch.atCut(cut));
                if (failure == null) {
                    return opened(transaction);
                }
                moment.letGo();
                undo(transaction);
            }
            if (failure.error() != ErrorCode.CUT_MISSED || !attempts.goOn()) {
                return failure;
            }
        }
    }

    private static @Nullable Failure opened(SessionTransaction transaction) {
        CompletableFuture<Message> marked = new CompletableFuture<>();
        transaction.snapshotOpened(marked::complete);
        return marked.join() instanceof Failure lost ? lost : null;
    }

    /** Gives up what has been opened. */
    void undo(SessionTransaction transaction) {
        CompletableFuture<Message> undone = new CompletableFuture<>();
        transaction.giveUpBranches(undone::complete);
        undone.join();
    }

    /** Every partition of the database. */
    List<PartitionId> allPartitions() {
        List<PartitionId> all = new ArrayList<>();
        for (PartitionSet set : leaders.view().partitionMap().sets()) {
            all.addAll(set.partitions());
        }
        return all;
    }

    /** Opens a branch in every partition, each as told; why not in all, or null. */
    @Nullable
    Failure openAll(
            StatementShape shape, StatementCall call, BiFunction<BranchExecution, PartitionId, BranchExecution> how) {
        List<CompletableFuture<Message>> asked = new ArrayList<>();
        for (PartitionId partition : allPartitions()) {
            CompletableFuture<Message> waiting = new CompletableFuture<>();
            asked.add(waiting);
            BranchExecution branch = new BranchExecution(
                    leaders, call, shape, partition, (asker, leader, reply) -> waiting.complete(reply));
            how.apply(branch, partition).openingBranch().start(FIRST_STATEMENT, ParameterRows.NONE, 0, false);
        }
        Failure failure = null;
        for (CompletableFuture<Message> reply : asked) {
            if (reply.join() instanceof Failure one && (failure == null || failure.error() == ErrorCode.CUT_MISSED)) {
                failure = one;
            }
        }
        return failure;
    }
}
