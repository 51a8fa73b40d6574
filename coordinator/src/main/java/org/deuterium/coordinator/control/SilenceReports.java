package org.deuterium.coordinator.control;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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

    private record Report(Term term, long nanos) {}

    void add(NodeId from, SilentLeader silent, long nowNanos) {
        reports.computeIfAbsent(silent.partition(), made -> new HashMap<>())
                .put(from, new Report(silent.term(), nowNanos));
    }

    /** True if a majority of the replicas, without the leader itself, has heard nothing of it lately. */
    boolean isSilent(PartitionState state, long nowNanos) {
        NodeId leader = state.leader();
        Map<NodeId, Report> told = reports.get(state.partition());
        Long last = lastElections.get(state.partition());
        if (leader == null || told == null || (last != null && nowNanos - last < PAUSE_NANOS)) {
            return false;
        }
        int silent = 0;
        for (ReplicaGroup.Voter voter : state.group().replicas()) {
            Report report = told.get(voter.node());
            if (report != null
                    && !voter.node().equals(leader)
                    && report.term.equals(state.term())
                    && nowNanos - report.nanos < VALID_NANOS) {
                silent++;
            }
        }
        return silent > state.group().replicas().size() / 2;
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
