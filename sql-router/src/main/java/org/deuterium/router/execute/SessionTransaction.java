package org.deuterium.router.execute;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.deuterium.router.reads.AsOf;
import org.deuterium.router.reads.SessionProgress;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The open transaction of one client: its branches, the partitions it has written, and its savepoints. One
 * statement at a time; the session passes it from one to the next, whose parts may report from several threads.
 *
 * <p>A branch that was opened after a savepoint is rolled back as a whole when the client returns to the savepoint; at
 * SERIALIZABLE it stays open, with its locks and without its changes.
 */
public final class SessionTransaction implements TransactionBranches {

    private static final Message DONE = new Done();

    private final TransactionId id;
    private final PartitionLeaders leaders;
    private final SessionProgress progress;
    private final Map<PartitionId, NodeId> branches = new LinkedHashMap<>();
    private final Map<String, Savepoint> savepoints = new LinkedHashMap<>();
    private final Set<PartitionId> written = new LinkedHashSet<>();

    /** Those where it has locked rows by a query. */
    private final Set<PartitionId> locked = new LinkedHashSet<>();

    private int lastSavepoint;
    private final long startedNanos = System.nanoTime();
    private final long momentMicros = StatementCall.nowMicros();
    private final Isolation isolation;
    private final @Nullable AsOf asOf;
    private volatile Timestamp shows = Timestamp.ZERO;
    private volatile boolean lost;
    private volatile @Nullable Failure endedBy;

    /** What was open, and written, when the client set a savepoint. */
    private record Savepoint(int number, List<PartitionId> branches, List<PartitionId> written) {

        Savepoint in(Collection<PartitionId> others) {
            return new Savepoint(number, List.copyOf(others), written);
        }
    }

    /** At READ COMMITTED. */
    public SessionTransaction(TransactionId id, PartitionLeaders leaders, SessionProgress progress) {
        this(id, leaders, progress, Isolation.READ_COMMITTED);
    }

    /** At the level given. */
    public SessionTransaction(
            TransactionId id, PartitionLeaders leaders, SessionProgress progress, Isolation isolation) {
        this(id, leaders, progress, isolation, null);
    }

    /** Of one that only reads, in a state of the past. */
    public static SessionTransaction ofThePast(
            TransactionId id, PartitionLeaders leaders, SessionProgress progress, AsOf asOf) {
        return new SessionTransaction(id, leaders, progress, Isolation.SNAPSHOT, asOf);
    }

    private SessionTransaction(
            TransactionId id,
            PartitionLeaders leaders,
            SessionProgress progress,
            Isolation isolation,
            @Nullable AsOf asOf) {
        this.asOf = asOf;
        this.isolation = isolation;
        this.id = id;
        this.leaders = leaders;
        this.progress = progress;
    }

    /** Of a statement that is a transaction of its own, at its session's level. */
    static SessionTransaction ofStatement(StatementCall call, PartitionLeaders leaders) {
        return ofStatement(call, call.ownTransaction(), leaders);
    }

    static SessionTransaction ofStatement(StatementCall call, TransactionId id, PartitionLeaders leaders) {
        return new SessionTransaction(
                id, leaders, call.reads().progress(), call.session().isolation());
    }

    @Override
    public long momentMicros() {
        return momentMicros;
    }

    @Override
    public TransactionId id() {
        return id;
    }

    @Override
    public synchronized @Nullable NodeId leaderOfBranch(PartitionId partition) {
        return branches.get(partition);
    }

    @Override
    public synchronized void branchOpened(PartitionId partition, NodeId leader) {
        branches.put(partition, leader);
    }

    @Override
    public synchronized void branchWrote(PartitionId partition) {
        written.add(partition);
    }

    @Override
    public synchronized void branchLocked(PartitionId partition) {
        locked.add(partition);
    }

    @Override
    public void lost() {
        lost = true;
    }

    /** Ends it from outside, on any thread; its client hears why with its next request, and then it is rolled back. */
    public void endBy(Failure reason) {
        endedBy = reason;
        lost = true;
    }

    /** Why it was ended from outside, or null. */
    public @Nullable Failure endedBy() {
        return endedBy;
    }

    public long ageMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
    }

    /** True when the system has ended this transaction; what is left of it is to be rolled back. */
    public boolean isLost() {
        return lost;
    }

    @Override
    public boolean isSnapshot() {
        return isolation.isSnapshot();
    }

    public Isolation isolation() {
        return isolation;
    }

    /** Why the transaction changes and locks nothing, and its client is told so; null if it does. */
    public @Nullable Failure refusalOfChange() {
        if (asOf != null) {
            return TransactionFailures.onlyReads(asOf);
        }
        return isolation == Isolation.READ_ONLY ? TransactionFailures.onlyReads() : null;
    }

    /** The moment of the past that is asked for; null for the present. */
    public @Nullable AsOf asOf() {
        return asOf;
    }

    /** Its branches show the state of this moment. */
    void shows(Timestamp moment) {
        shows = moment;
    }

    /** For people: its level, and the moment of the past that it shows. */
    public String levelName() {
        AsOf past = asOf;
        if (past == null) {
            return isolation.sql();
        }
        return shows.equals(Timestamp.ZERO) ? "AS OF " + past.text() : "AS OF " + Instant.ofEpochMilli(shows.millis());
    }

    synchronized boolean hasBranches() {
        return !branches.isEmpty();
    }

    Collection<PartitionId> openBranches() {
        return List.copyOf(branches.keySet());
    }

    /**
     * Commits what was written and gives up the other branches. The answer is Done, or a Failure that says whether the
     * outcome is known.
     */
    public void commit(Consumer<Message> answer) {
        List<PartitionId> participants =
                written.stream().filter(branches::containsKey).toList();
        if (participants.isEmpty()) {
            if (isolation == Isolation.SERIALIZABLE) {
                confirm(answer);
            } else {
                rollback(answer);
            }
            return;
        }
        if (isSnapshot()) {
            endThoseOnlyRead();
        }
        // A partition where it has only locked something counts too: the commit relies on those locks.
        if (branches.size() > 1) {
            Map<PartitionId, NodeId> ending = new LinkedHashMap<>(branches);
            forgetAll();
            new DistributedCommit(leaders, id, ending, progress, answer).start();
            return;
        }
        PartitionId target = participants.get(0);
        NodeId leader = Objects.requireNonNull(branches.remove(target));
        leaders.call(leader, new EndBranch(target, id, true, progress.atLeader()), reply -> {
            if (reply instanceof PositionedAnswer committed) {
                progress.wrote(target, committed.index(), committed.timestamp());
            }
            if (OutcomeQuestion.isInDoubt(reply)) {
                OutcomeQuestion.ask(leaders, target, id, progress, outcome -> {
                    Message found = TransactionFailures.commitAnswer(id, target, outcome, (Failure) reply);
                    rollback(rolledBack -> answer.accept(found));
                });
                return;
            }
            Message outcome = reply instanceof Failure failure ? commitFailure(target, failure) : DONE;
            rollback(rolledBack -> answer.accept(outcome));
        });
    }

    /** Nothing was written; but what was read must have stayed as it was until now, so the locks must still be there. */
    private void confirm(Consumer<Message> answer) {
        Map<PartitionId, NodeId> ending = new LinkedHashMap<>(branches);
        forgetAll();
        List<BranchCall> calls = new ArrayList<>();
        ending.forEach((partition, node) -> calls.add(new BranchCall(node, new EndBranch(partition, id, true))));
        callAll(calls, answer);
    }

    /** What they saw at a cut stays true, so nobody needs to wait for them, nor to ask them. */
    private void endThoseOnlyRead() {
        List<PartitionId> onlyRead = branches.keySet().stream()
                .filter(partition -> !written.contains(partition) && !locked.contains(partition))
                .toList();
        for (PartitionId partition : onlyRead) {
            NodeId leader = Objects.requireNonNull(branches.remove(partition));
            leaders.call(leader, new EndBranch(partition, id, false), ignored -> {});
        }
    }

    private void forgetAll() {
        branches.clear();
        savepoints.clear();
        written.clear();
        locked.clear();
    }

    /** The branches of all partitions have just been opened: savepoints that were set before hold in them too. */
    void snapshotOpened(Consumer<Message> answer) {
        List<BranchCall> calls = new ArrayList<>();
        for (Savepoint savepoint : savepoints.values()) {
            branches.forEach((partition, node) ->
                    calls.add(new BranchCall(node, new BranchSavepoint(partition, id, savepoint.number(), false))));
        }
        savepoints.replaceAll((name, savepoint) -> savepoint.in(branches.keySet()));
        callAll(calls, answer);
    }

    private Failure commitFailure(PartitionId partition, Failure failure) {
        return switch (failure.error()) {
            case NOT_LEADER, NO_LEADER, NO_LEASE, NOT_READY ->
                TransactionFailures.rolledBack(id, "partition " + partition + " has another leader now");
            default -> new Failure(failure.error(), failure.sqlState(), failure.vendorCode(), failure.message(), true);
        };
    }

    /** Rolls every branch back; answers Done, also when a leader is gone (it rolls back what it had by itself). */
    public void rollback(Consumer<Message> answer) {
        Map<PartitionId, NodeId> ending = new LinkedHashMap<>(branches);
        forgetAll();
        rollbackIn(ending, answer);
    }

    /** Rolls back branches in which nothing was done yet; the transaction goes on, with the savepoints it has. */
    void giveUpBranches(Consumer<Message> answer) {
        Map<PartitionId, NodeId> ending = new LinkedHashMap<>(branches);
        branches.clear();
        rollbackIn(ending, answer);
    }

    private void rollbackIn(Map<PartitionId, NodeId> ending, Consumer<Message> answer) {
        List<BranchCall> calls = new ArrayList<>();
        ending.forEach((partition, node) -> calls.add(new BranchCall(node, new EndBranch(partition, id, false))));
        // Who cannot be told has rolled it back, or will: nothing is lost that the transaction could go on with.
        askAll(calls, reply -> answer.accept(DONE));
    }

    public void setSavepoint(String name, Consumer<Message> answer) {
        int number = ++lastSavepoint;
        List<BranchCall> calls = new ArrayList<>();
        branches.forEach((partition, node) ->
                calls.add(new BranchCall(node, new BranchSavepoint(partition, id, number, false))));
        savepoints.remove(name);
        savepoints.put(name, new Savepoint(number, List.copyOf(branches.keySet()), List.copyOf(written)));
        callAll(calls, answer);
    }

    /** False if there is no savepoint of this name (H2 then says 90063). */
    public boolean hasSavepoint(String name) {
        return savepoints.containsKey(name);
    }

    public void rollbackToSavepoint(String name, Consumer<Message> answer) {
        Savepoint savepoint = savepoints.get(name);
        if (savepoint == null) {
            throw new IllegalArgumentException("no savepoint " + name + " in transaction " + id);
        }
        savepoints.values().removeIf(other -> other.number() > savepoint.number());
        List<BranchCall> calls = new ArrayList<>();
        for (Map.Entry<PartitionId, NodeId> branch : branches.entrySet()) {
            PartitionId partition = branch.getKey();
            PartitionRequest request;
            if (savepoint.branches().contains(partition)) {
                request = new BranchSavepoint(partition, id, savepoint.number(), true);
            } else if (isolation == Isolation.SERIALIZABLE) {
                // The client has seen what it read there: its locks stay.
                request = new BranchSavepoint(partition, id, BranchSavepoint.BEGINNING, true);
            } else {
                request = new EndBranch(partition, id, false);
            }
            calls.add(new BranchCall(branch.getValue(), request));
        }
        if (isolation != Isolation.SERIALIZABLE) {
            branches.keySet().retainAll(savepoint.branches());
        }
        written.retainAll(savepoint.written());
        callAll(calls, answer);
    }

    private record BranchCall(NodeId node, PartitionRequest request) {}

    /** Answers Done when all have answered, or the first Failure; a failed branch loses the whole transaction. */
    private void callAll(List<BranchCall> calls, Consumer<Message> answer) {
        askAll(calls, reply -> {
            if (reply instanceof Failure failure) {
                lost = true;
                answer.accept(TransactionFailures.rolledBack(id, failure.message()));
            } else {
                answer.accept(reply);
            }
        });
    }

    /** Answers Done when all have answered, or the first Failure. */
    private void askAll(List<BranchCall> calls, Consumer<Message> answer) {
        if (calls.isEmpty()) {
            answer.accept(DONE);
            return;
        }
        AtomicInteger open = new AtomicInteger(calls.size());
        AtomicReference<Message> outcome = new AtomicReference<>(DONE);
        for (BranchCall call : calls) {
            leaders.call(call.node(), call.request(), reply -> {
                if (reply instanceof Failure) {
                    outcome.compareAndSet(DONE, reply);
                }
                if (open.decrementAndGet() == 0) {
                    answer.accept(outcome.get());
                }
            });
        }
    }
}
