package org.deuterium.router.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.deuterium.router.execute.PartitionLeaders;
import org.deuterium.router.execute.TransactionBranches;
import org.deuterium.router.execute.TransactionFailures;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The open transaction of one client: its branches, the one partition it has written, and its savepoints. Not for use
 * by two threads at once; the session passes it from one statement to the next.
 *
 * <p>A branch that was opened after a savepoint is rolled back as a whole when the client returns to the savepoint.
 */
final class SessionTransaction implements TransactionBranches {

    private static final Message DONE = new Done();

    private final TransactionId id;
    private final PartitionLeaders leaders;
    private final SessionProgress progress;
    private final Map<PartitionId, NodeId> branches = new LinkedHashMap<>();
    private final Map<String, Savepoint> savepoints = new LinkedHashMap<>();
    private @Nullable PartitionId written;
    private int lastSavepoint;
    private volatile boolean lost;

    /** What was open, and written, when the client set a savepoint. */
    private record Savepoint(
            int number,
            List<PartitionId> branches,
            @Nullable PartitionId written) {}

    SessionTransaction(TransactionId id, PartitionLeaders leaders, SessionProgress progress) {
        this.id = id;
        this.leaders = leaders;
        this.progress = progress;
    }

    @Override
    public TransactionId id() {
        return id;
    }

    @Override
    public @Nullable NodeId leaderOfBranch(PartitionId partition) {
        return branches.get(partition);
    }

    @Override
    public @Nullable PartitionId writtenPartition() {
        return written;
    }

    @Override
    public void branchOpened(PartitionId partition, NodeId leader) {
        branches.put(partition, leader);
    }

    @Override
    public void branchWrote(PartitionId partition) {
        if (written != null && !written.equals(partition)) {
            throw new IllegalStateException("transaction " + id + " wrote " + written + " and now " + partition
                    + ": the second should have been refused before it was sent");
        }
        written = partition;
    }

    @Override
    public void lost() {
        lost = true;
    }

    /** True when the system has ended this transaction; what is left of it is to be rolled back. */
    boolean isLost() {
        return lost;
    }

    Collection<PartitionId> openBranches() {
        return List.copyOf(branches.keySet());
    }

    /**
     * Commits the written branch and gives up the others. The answer is Done, or a Failure that says whether the outcome
     * is known; nothing is ever sent twice.
     */
    void commit(Consumer<Message> answer) {
        PartitionId target = written;
        NodeId leader = target == null ? null : branches.remove(target);
        if (target == null || leader == null) {
            rollback(answer);
            return;
        }
        leaders.call(leader, new EndBranch(target, id, true, progress.atLeader()), reply -> {
            if (reply instanceof PositionedAnswer committed) {
                progress.wrote(target, committed.index(), committed.timestamp());
            }
            Message outcome = reply instanceof Failure failure ? commitFailure(target, failure) : DONE;
            rollback(rolledBack -> answer.accept(outcome));
        });
    }

    private Failure commitFailure(PartitionId partition, Failure failure) {
        return switch (failure.error()) {
            case NOT_LEADER, NO_LEADER, NO_LEASE, NOT_READY ->
                TransactionFailures.rolledBack(id, "partition " + partition + " has another leader now");
            case CONNECTION_BROKEN, OUTCOME_UNKNOWN ->
                TransactionFailures.outcomeUnknown(id, partition, failure.message());
            default -> new Failure(failure.error(), failure.sqlState(), failure.vendorCode(), failure.message(), true);
        };
    }

    /** Rolls every branch back; answers Done, also when a leader is gone (it rolls back what it had by itself). */
    void rollback(Consumer<Message> answer) {
        Map<PartitionId, NodeId> ending = new LinkedHashMap<>(branches);
        branches.clear();
        savepoints.clear();
        written = null;
        List<BranchCall> calls = new ArrayList<>();
        ending.forEach((partition, node) -> calls.add(new BranchCall(node, new EndBranch(partition, id, false))));
        callAll(calls, reply -> answer.accept(DONE));
    }

    void setSavepoint(String name, Consumer<Message> answer) {
        int number = ++lastSavepoint;
        List<BranchCall> calls = new ArrayList<>();
        branches.forEach((partition, node) ->
                calls.add(new BranchCall(node, new BranchSavepoint(partition, id, number, false))));
        savepoints.remove(name);
        savepoints.put(name, new Savepoint(number, List.copyOf(branches.keySet()), written));
        callAll(calls, answer);
    }

    /** False if there is no savepoint of this name (H2 then says 90063). */
    boolean hasSavepoint(String name) {
        return savepoints.containsKey(name);
    }

    void rollbackToSavepoint(String name, Consumer<Message> answer) {
        Savepoint savepoint = savepoints.get(name);
        if (savepoint == null) {
            throw new IllegalArgumentException("no savepoint " + name + " in transaction " + id);
        }
        savepoints.values().removeIf(other -> other.number() > savepoint.number());
        List<BranchCall> calls = new ArrayList<>();
        for (Map.Entry<PartitionId, NodeId> branch : branches.entrySet()) {
            PartitionId partition = branch.getKey();
            PartitionRequest request = savepoint.branches().contains(partition)
                    ? new BranchSavepoint(partition, id, savepoint.number(), true)
                    : new EndBranch(partition, id, false);
            calls.add(new BranchCall(branch.getValue(), request));
        }
        branches.keySet().retainAll(savepoint.branches());
        written = savepoint.written();
        callAll(calls, answer);
    }

    private record BranchCall(NodeId node, PartitionRequest request) {}

    /** Answers Done when all have answered, or the first Failure; a failed branch loses the whole transaction. */
    private void callAll(List<BranchCall> calls, Consumer<Message> answer) {
        if (calls.isEmpty()) {
            answer.accept(DONE);
            return;
        }
        AtomicInteger open = new AtomicInteger(calls.size());
        AtomicReference<Message> outcome = new AtomicReference<>(DONE);
        for (BranchCall call : calls) {
            leaders.call(call.node(), call.request(), reply -> {
                if (reply instanceof Failure failure) {
                    outcome.compareAndSet(DONE, rolledBack(failure));
                }
                if (open.decrementAndGet() == 0) {
                    answer.accept(outcome.get());
                }
            });
        }
    }

    private Failure rolledBack(Failure failure) {
        lost = true;
        return TransactionFailures.rolledBack(id, failure.message());
    }
}
