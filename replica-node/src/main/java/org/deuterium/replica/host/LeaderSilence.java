package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SilentLeader;

/**
 * How long the followers of this node have heard nothing of their leaders, which send a heartbeat when there is nothing
 * else to say. A leader may be cut off from its followers while ZooKeeper still sees it. Node loop only.
 */
final class LeaderSilence {

    /** Longer than a collection of garbage or a busy disk keeps a leader, shorter than clients like to wait. */
    static final long SILENT_MILLIS = 3_000;

    /** Looks come several times a second; after a longer gap it was this process that stood still. */
    private static final long OWN_PAUSE_MILLIS = 1_500;

    private final NodeId self;
    private final Map<PartitionId, Leader> leaders = new HashMap<>();
    private long lastLookMillis = Long.MIN_VALUE;

    /** The leader a replica here follows. */
    private static final class Leader {
        private final NodeId node;
        private final Term term;
        private long heardMillis;

        Leader(NodeId node, Term term, long heardMillis) {
            this.node = node;
            this.term = term;
            this.heardMillis = heardMillis;
        }
    }

    LeaderSilence(NodeId self) {
        this.self = self;
    }

    /** The board shows this. */
    void follow(ReplicaGroup group, long nowMillis) {
        NodeId leader = group.leader();
        if (leader == null || leader.equals(self) || !group.hasReplica(self)) {
            leaders.remove(group.partition());
            return;
        }
        Leader known = leaders.get(group.partition());
        if (known == null || !known.node.equals(leader) || !known.term.equals(group.term())) {
            leaders.put(group.partition(), new Leader(leader, group.term(), nowMillis));
        }
    }

    /** A message of a replica of this partition has come. */
    void heard(PartitionId partition, NodeId from, long nowMillis) {
        Leader leader = leaders.get(partition);
        if (leader != null && leader.node.equals(from)) {
            leader.heardMillis = nowMillis;
        }
    }

    /** The leaders that say nothing. */
    List<SilentLeader> look(long nowMillis) {
        boolean stoodStill = nowMillis - OWN_PAUSE_MILLIS > lastLookMillis;
        lastLookMillis = nowMillis;
        List<SilentLeader> silent = new ArrayList<>();
        leaders.forEach((partition, leader) -> {
            if (stoodStill) {
                leader.heardMillis = nowMillis;
            } else if (nowMillis - leader.heardMillis >= SILENT_MILLIS) {
                silent.add(new SilentLeader(partition, leader.term));
            }
        });
        return silent;
    }
}
