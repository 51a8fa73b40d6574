package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionSets;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.router.catalog.PartitionSetSpec;
import org.deuterium.router.catalog.SetRules;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.catalog.WantedSet;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.router.plan.SchemaChangePlan;
import org.deuterium.router.plan.StatementPlanner;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.FenceSchemaChange;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a schema change through the house: proposed in the schema log, fenced at every partition's leader, decided,
 * awaited everywhere. Changes of several routers follow one another: whoever finds another proposal waits for its end
 * and plans again. Blocks: for workers only.
 */
public final class SchemaChanges {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaChanges.class);

    /** How long a change waits for others that came before it. */
    private static final long TURN_WAIT_MILLIS = 30_000;

    /** How long a change waits for the transactions that are open. */
    private static final long FENCE_WAIT_MILLIS = 10_000;

    /**
     * After so long all fences fall and are put up again: a transaction that one partition waits for may itself be held back
     * by another.
     */
    private static final long FENCE_ROUND_MILLIS = 2_000;

    /** How long new partitions may take to be formed and get a leader. */
    private static final long FORMING_WAIT_MILLIS = 30_000;

    /** How long the decided change may take to reach the router's own catalog. */
    private static final long CATALOG_WAIT_MILLIS = 10_000;

    private final SchemaLog log;
    private final OwnProposals proposals;
    private final PartitionSets partitionSets;
    private final PartitionLeaders leaders;
    private final LeaderRound round;
    private final SchemaFollower follower;
    private final StatementPlanner planner;
    private final int defaultReplicas;

    /** @param defaultReplicas for sets of partitions that do not say how many they want */
    public SchemaChanges(
            SchemaLog log,
            OwnProposals proposals,
            PartitionSets partitionSets,
            PartitionLeaders leaders,
            SchemaFollower follower,
            StatementPlanner planner,
            int defaultReplicas) {
        this.log = log;
        this.proposals = proposals;
        this.partitionSets = partitionSets;
        this.leaders = leaders;
        this.round = new LeaderRound(leaders);
        this.follower = follower;
        this.planner = planner;
        this.defaultReplicas = defaultReplicas;
    }

    private static StatementFailedException notFenced(LeaderRound.TooSlowException e) {
        return new StatementFailedException(
                ErrorCode.LOCK_TIMEOUT,
                "Timeout: in partitions " + e.silent()
                        + " transactions are open (SHOW TRANSACTIONS), or nobody leads, for " + FENCE_WAIT_MILLIS
                        + " ms; the schema can change when they have ended");
    }

    /**
     * The answer to the client.
     *
     * @throws StatementFailedException if the change was not made
     */
    Message run(SchemaChangePlan first, StatementCall call) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TURN_WAIT_MILLIS);
        long fenceDeadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(FENCE_WAIT_MILLIS);
        RoutedPlan plan = first;
        while (true) {
            if (!(plan instanceof SchemaChangePlan change)) {
                // Planned again after somebody else's change, it may be nothing to do: CREATE TABLE IF NOT EXISTS.
                return UpdateCounts.of(0);
            }
            if (call.isCanceled()) {
                throw new StatementFailedException(
                        ErrorCode.STATEMENT_CANCELED, "The schema change was canceled before it was decided");
            }
            long seen = follower.changes().count();
            try {
                if (attempt(change)) {
                    return UpdateCounts.of(0);
                }
            } catch (LeaderRound.TooSlowException e) {
                if (System.nanoTime() - fenceDeadline >= 0) {
                    throw notFenced(e);
                }
            }
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMillis <= 0) {
                throw new StatementFailedException(
                        ErrorCode.SCHEMA_CHANGE_REFUSED,
                        "Another schema change is under way for more than " + TURN_WAIT_MILLIS / 1000
                                + " seconds; try again when it has ended");
            }
            follower.changes().next(seen, Math.min(leftMillis, 500)).join();
            follower.catchUp();
            plan = planner.plan(first.sql(), first.schema());
        }
    }

    /** True if the change was made; false if another one came first. */
    private boolean attempt(SchemaChangePlan change) {
        try {
            formPartitions(change.newSet());
            SchemaProposal proposal = proposals.propose(
                    change.shape().schemaVersion(), change.sql(), change.partitionSql(), change.schema());
            if (proposal == null) {
                return false;
            }
            try {
                fence(proposal, change);
                if (!log.decide(proposal)) {
                    return false;
                }
            } finally {
                proposals.ended(proposal);
            }
            awaitEverywhere(proposal.change().version());
            return true;
        } catch (CoordinatorException e) {
            throw new StatementFailedException(
                    ErrorCode.OUTCOME_UNKNOWN,
                    "Nobody can say yet whether the schema was changed: " + e.getMessage()
                            + "; look at INFORMATION_SCHEMA before trying again");
        }
    }

    PartitionSets partitionSets() {
        return partitionSets;
    }

    private void formPartitions(@Nullable WantedSet wanted) {
        if (wanted == null || wanted.spec().isHome()) {
            return;
        }
        PartitionSetSpec spec = wanted.spec();
        int replicas = spec.replicas() == PartitionSetSpec.DEFAULT_REPLICAS ? defaultReplicas : spec.replicas();
        int nodes = leaders.view().knownNodes().size();
        if (replicas > nodes && leaders.view().partitionMap().set(spec.name()) == null) {
            throw StatementRefusedException.notSupported("each partition is to have " + replicas
                    + " replicas, on as many nodes, and there are " + nodes + "; say REPLICAS " + nodes
                    + ", or start more nodes");
        }
        PartitionSet set;
        try {
            SetRules.refuseMisfit(spec.ackRule(), replicas);
            set = partitionSets.ensure(spec.name(), spec.partitions(), replicas, spec.ackRule(), spec.logKind());
            refuseOtherRules(wanted, set);
        } catch (CoordinatorException e) {
            throw new StatementFailedException(
                    ErrorCode.SCHEMA_CHANGE_REFUSED, "The partitions of the table cannot be made: " + e.getMessage());
        }
        List<CompletableFuture<PartitionState>> waiting = new ArrayList<>();
        for (PartitionId partition : set.partitions()) {
            waiting.add(leaders.view().awaitLeader(partition, Term.NONE, FORMING_WAIT_MILLIS));
        }
        for (CompletableFuture<PartitionState> formed : waiting) {
            try {
                formed.join();
            } catch (CompletionException e) {
                throw new StatementFailedException(
                        ErrorCode.SCHEMA_CHANGE_REFUSED,
                        "The partitions " + set.partitions() + " of set " + set.name() + " are not formed after "
                                + FORMING_WAIT_MILLIS / 1000 + " seconds (" + e.getCause()
                                + "); see SHOW PARTITIONS and SHOW NODES, and try again");
            }
        }
    }

    /** Who says ACK or LOG is not to get something else because the set was changed since it was made. */
    private static void refuseOtherRules(WantedSet wanted, PartitionSet set) {
        boolean otherRule = wanted.ackRule() != null && !wanted.ackRule().equals(set.ackRule());
        boolean otherKind = wanted.logKind() != null && wanted.logKind() != set.logKind();
        if (otherRule || otherKind) {
            throw StatementRefusedException.notSupported(
                    "the table would share the partitions of " + set.name()
                            + ", which have ACK " + set.ackRule() + " LOG " + set.logKind()
                            + " since an ALTER TABLE ... SET; say what they have, or another number of PARTITIONS, or set them back");
        }
    }

    /** Makes every leader ready; takes the proposal back if one of them refuses. */
    private void fence(SchemaProposal proposal, SchemaChangePlan change) {
        long version = proposal.change().version();
        String sql = proposal.change().partitionSql();
        WantedSet wanted = change.newSet();
        boolean fenced = false;
        try {
            Map<PartitionId, Term> terms = round.terms();
            round.all(partition -> true, partition -> new AwaitSchema(partition, version - 1), Long.MAX_VALUE);
            if (wanted == null || change.copies().isEmpty()) {
                round.all(
                        partition -> true,
                        partition -> new FenceSchemaChange(partition, version, sql),
                        FENCE_ROUND_MILLIS);
            } else {
                PartitionSet set = Objects.requireNonNull(
                        leaders.view().partitionMap().set(wanted.spec().name()));
                NewCopies copies = new NewCopies(leaders, version, set.partitions());
                Function<PartitionId, PartitionRequest> fence =
                        partition -> new FenceSchemaChange(partition, version, sql);
                round.all(partition -> !set.partitions().contains(partition), fence, FENCE_ROUND_MILLIS);
                change.copies().forEach(copies::fill);
                round.all(set.partitions()::contains, fence, FENCE_ROUND_MILLIS);
                change.copies().forEach(copies::verify);
            }
            refuseOtherLeaders(terms);
            fenced = true;
        } finally {
            if (!fenced) {
                log.drop(proposal);
            }
        }
    }

    /** A fence is worth nothing any more if its leader has been replaced: all are to be put up again. */
    private void refuseOtherLeaders(Map<PartitionId, Term> fencedIn) {
        List<PartitionId> changed = new ArrayList<>();
        round.terms().forEach((partition, term) -> {
            if (!term.equals(fencedIn.get(partition))) {
                changed.add(partition);
            }
        });
        if (!changed.isEmpty()) {
            throw new LeaderRound.TooSlowException(changed);
        }
    }

    /**
     * The change is decided: a partition that cannot follow now will when it has a leader.
     *
     * @throws StatementFailedException if the change itself failed somewhere, although the fences let it pass
     */
    private void awaitEverywhere(long version) {
        Map<PartitionId, Failure> failures = round.failures(partition -> new AwaitSchema(partition, version));
        if (!failures.isEmpty()) {
            LOG.warn("schema version {} is decided, but not everywhere yet: {}", version, failures);
        }
        if (!follower.await(version, CATALOG_WAIT_MILLIS)) {
            throw new StatementFailedException(
                    ErrorCode.OUTCOME_UNKNOWN,
                    "The schema was changed (version " + version
                            + "), but this node has not heard of it yet; see SHOW NODES");
        }
        failures.values().removeIf(failure -> failure.error() != ErrorCode.SQL_ERROR);
        if (!failures.isEmpty()) {
            throw new StatementFailedException(madeInPart(version, failures));
        }
    }

    private static Failure madeInPart(long version, Map<PartitionId, Failure> failures) {
        Failure first = failures.values().iterator().next();
        String message = "The schema was changed (version " + version + "), but not in partitions "
                + failures.keySet() + ", where the change failed: " + first.message()
                + "; undo it by another change, bring the rows there right, and try again";
        return new Failure(first.error(), first.sqlState(), first.vendorCode(), message, false);
    }
}
