package org.deuterium.coordinator.control;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.Leadership;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.Election;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One try to give one partition a leader: raise the term, ask for promises, name the one whose log goes furthest. It
 * lives on the controller's thread and ends exactly once, by telling how.
 */
final class PartitionElection {

    /** How a try ended. */
    sealed interface Result {}

    /** The board names a leader; this is the state that was written. */
    record Named(PartitionState state) implements Result {}

    /**
     * Nothing came of it.
     *
     * @param reason for the log
     * @param promised the latest term a voter has promised, which the next try must exceed
     * @param unheard other nodes were asked, and none of them said anything
     */
    record Failed(String reason, Term promised, boolean unheard) implements Result {}

    private static final Logger LOG = LoggerFactory.getLogger(PartitionElection.class);

    private final Leadership leadership;
    private final PromiseCollector promises;
    private final ControllerSettings settings;
    private final ScheduledExecutorService thread;
    private final LeaderBalance balance;
    private final Consumer<Result> whenEnded;
    private final ReplicaGroup group;
    private final Map<NodeId, ClusterNode> voters;
    private final Election election;
    private final long startedAtNanos = System.nanoTime();
    private final Set<NodeId> answered = new HashSet<>();
    private Term promised = Term.NONE;
    private boolean asked;
    private boolean naming;
    private boolean ended;

    /**
     * @param before the state without a usable leader
     * @param atLeast a term the new one must exceed
     * @param voters the living nodes whose directories vote
     * @param balance asked when logs are equal, and told who was chosen
     */
    PartitionElection(
            Leadership leadership,
            PromiseCollector promises,
            ControllerSettings settings,
            ScheduledExecutorService thread,
            PartitionState before,
            Term atLeast,
            Map<NodeId, ClusterNode> voters,
            LeaderBalance balance,
            Consumer<Result> whenEnded) {
        this.leadership = leadership;
        this.promises = promises;
        this.settings = settings;
        this.thread = thread;
        this.balance = balance;
        this.whenEnded = whenEnded;
        this.voters = Map.copyOf(voters);
        this.group = inLaterTerm(before.group(), atLeast);
        this.election = new Election(group);
    }

    private static ReplicaGroup inLaterTerm(ReplicaGroup old, Term atLeast) {
        ReplicaGroup next = old.withNextTerm();
        Term term = next.term().compareTo(atLeast) > 0 ? next.term() : atLeast.next();
        return next.inTerm(term);
    }

    /** The living nodes of a group whose directories are written in it, so that their promises count. */
    static Map<NodeId, ClusterNode> livingVoters(ReplicaGroup group, Map<NodeId, ClusterNode> alive) {
        Map<NodeId, ClusterNode> living = new java.util.TreeMap<>();
        for (ReplicaGroup.Voter voter : group.voters()) {
            ClusterNode node = alive.get(voter.node());
            if (node != null && !voter.storage().equals(StorageId.UNKNOWN)) {
                living.put(voter.node(), node);
            }
        }
        return living;
    }

    /** Step 1: the board shows the next term, without a leader. */
    void start() {
        leadership
                .compareAndSet(new PartitionState(group, ""))
                .thenAcceptAsync(
                        result -> {
                            if (result == ChangeResult.DONE) {
                                ask();
                            } else {
                                fail("the term could not be raised: " + result);
                            }
                        },
                        thread);
    }

    /** Step 2: voters fsync that they refuse older terms, and say how far their logs go. */
    private void ask() {
        asked = voters.keySet().stream().anyMatch(this::isAnother);
        try {
            promises.ask(
                    new PromiseRequest(group.partition(), group.term()),
                    new ArrayList<>(voters.values()),
                    (from, answer) -> thread.execute(() -> onAnswer(from, answer)));
        } catch (RuntimeException e) {
            LOG.error("{}: asking for promises failed", group.partition(), e);
            fail("asking for promises failed: " + e);
            return;
        }
        thread.schedule(
                () -> nameOrFail("only " + election.promised() + " of " + voters.keySet() + " promised"),
                settings.promiseTimeoutMillis(),
                TimeUnit.MILLISECONDS);
    }

    private void onAnswer(NodeId from, Promise answer) {
        if (ended || naming) {
            return;
        }
        Term later = election.add(from, answer);
        if (later != null && promised.isBefore(later)) {
            promised = later;
        }
        answered.add(from);
        if (answered.containsAll(voters.keySet())) {
            nameOrFail("only " + election.promised() + " of " + voters.keySet() + " promised, the others refused");
        } else if (election.winner(null) != null) {
            thread.schedule(() -> nameOrFail("no winner"), settings.betterCandidateMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Step 3: the board names the voter whose log goes furthest, unless somebody changed the state meanwhile. */
    private void nameOrFail(String reasonIfNobody) {
        if (ended || naming) {
            return;
        }
        NodeId winner = election.winner(preferred());
        ClusterNode node = winner == null ? null : voters.get(winner);
        if (winner == null || node == null) {
            fail(reasonIfNobody);
            return;
        }
        naming = true;
        PartitionState led = new PartitionState(group.withLeader(winner), node.instance());
        // at once, not when it is written: elections of other partitions run beside this one
        balance.named(led);
        leadership
                .compareAndSet(led)
                .thenAcceptAsync(
                        result -> {
                            if (result == ChangeResult.DONE) {
                                LOG.info(
                                        "{} is led by {} in {}, elected in {} ms",
                                        group.partition(),
                                        winner,
                                        group.term(),
                                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAtNanos));
                                end(new Named(led));
                            } else {
                                fail(winner + " could not be named: " + result);
                            }
                        },
                        thread);
    }

    /** Whom the last leader asked to take over, if he is there; else who leads the fewest partitions. */
    private @Nullable NodeId preferred() {
        NodeId successor = group.successor();
        return successor != null && voters.containsKey(successor)
                ? successor
                : balance.preferred(group.partition(), voters.keySet());
    }

    private void fail(String reason) {
        end(new Failed(reason, promised, asked && answered.stream().noneMatch(this::isAnother)));
    }

    private boolean isAnother(NodeId voter) {
        return !voter.equals(leadership.controller());
    }

    private void end(Result result) {
        if (!ended) {
            ended = true;
            whenEnded.accept(result);
        }
    }
}
