package org.deuterium.coordinator.control;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SilentLeader;

/**
 * What followers tell of leaders they hear nothing of. One of them may be cut off itself; if a majority of a partition's
 * replicas hear nothing, the leader cannot commit anything, and another is elected although ZooKeeper still sees it.
 */
final class SilenceReports {

    /** A report is repeated twice a second as long as it holds. */
    private static final long VALID_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Elections for this reason alone come no more often, so that a network that comes and goes does not make many. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Map<PartitionId, Map<NodeId, Report>> reports = new HashMap<>();
    private final Map<PartitionId, Long> lastElections = new HashMap<>();

    /** Fewer than a majority are believed only when they have reported for as long. */
    private static final long FEW_NANOS = TimeUnit.SECONDS.toNanos(2);

    private record Report(Term term, long sinceNanos, long nanos) {

        boolean holds(Term led, long nowNanos) {
            return term.equals(led) && nowNanos - nanos < VALID_NANOS;
        }
    }

    void add(NodeId from, SilentLeader silent, long nowNanos) {
        Map<NodeId, Report> told = reports.computeIfAbsent(silent.partition(), made -> new HashMap<>());
        Report before = told.get(from);
        long since = before != null && before.holds(silent.term(), nowNanos) ? before.sinceNanos : nowNanos;
        told.put(from, new Report(silent.term(), since, nowNanos));
    }

    /**
     * True if a majority of the replicas, without the leader itself, has heard nothing of it lately; or all the voters that are
     * there, if they are enough to elect another. A leader that is well and only lost these has dropped them from the in-sync
     * set by then, where that decides who votes; where it does not it could not go on without them.
     *
     * @param alive the nodes that the board shows
     */
    boolean isSilent(PartitionState state, Map<NodeId, ClusterNode> alive, long nowNanos) {
        NodeId leader = state.leader();
        Map<NodeId, Report> told = reports.get(state.partition());
        Long last = lastElections.get(state.partition());
        if (leader == null || told == null || (last != null && nowNanos - last < PAUSE_NANOS)) {
            return false;
        }
        int silent = 0;
        for (ReplicaGroup.Voter voter : state.group().replicas()) {
            Report report = told.get(voter.node());
            if (report != null && !voter.node().equals(leader) && report.holds(state.term(), nowNanos)) {
                silent++;
            }
        }
        return silent > state.group().replicas().size() / 2 || allAreSure(state, alive, told, nowNanos);
    }

    private static boolean allAreSure(
            PartitionState state, Map<NodeId, ClusterNode> alive, Map<NodeId, Report> told, long nowNanos) {
        int sure = 0;
        for (NodeId voter : PartitionElection.livingVoters(state.group(), alive).keySet()) {
            Report report = told.get(voter);
            if (voter.equals(state.leader())) {
                continue;
            }
            if (report == null || !report.holds(state.term(), nowNanos) || nowNanos - report.sinceNanos < FEW_NANOS) {
                return false;
            }
            sure++;
        }
        return sure >= state.group().promisesToElect();
    }

    /** An election for this reason begins. */
    void acted(PartitionId partition, long nowNanos) {
        lastElections.put(partition, nowNanos);
        reports.remove(partition);
    }

    void clear() {
        reports.clear();
    }
}
