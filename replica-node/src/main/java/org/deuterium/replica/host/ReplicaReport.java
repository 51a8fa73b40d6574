package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.ReplicaStatuses;
import org.deuterium.wire.partition.ReplicaStatuses.ReplicaStatus;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a node says of its replicas: what each is doing, and why some are made anew. Belongs to the node loop. */
final class ReplicaReport {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaReport.class);

    private final NodeId node;

    /** Why replicas here are made anew; until they keep up again. */
    private final Map<PartitionId, String> rebuilt = new HashMap<>();

    /** What replicas here wait for that people have to do. */
    private final Map<PartitionId, String> waiting = new HashMap<>();

    ReplicaReport(NodeId node) {
        this.node = node;
    }

    void rebuilt(PartitionId partition, @Nullable String reason) {
        rebuilt.put(partition, String.valueOf(reason));
    }

    /** The replica committed by itself what its leader does not have. */
    void parted(PartitionHost host) {
        String reason = "it committed entries by itself (ACK ASYNC) that the leader of "
                + host.core().term() + " does not have";
        LOG.warn("the replica of {} on {} waits for a snapshot: {}", host.partition(), node, reason);
        rebuilt(host.partition(), reason);
    }

    /** The replica waits for what these words say; null if it does no longer. */
    void waits(PartitionId partition, @Nullable String words) {
        if (words == null) {
            waiting.remove(partition);
        } else {
            waiting.put(partition, words);
        }
    }

    /** The replica is no longer wanted here. */
    void forget(PartitionId partition) {
        rebuilt.remove(partition);
    }

    /** @param progress how the snapshot of a partition that is on its way here goes; null if none is */
    ReplicaStatuses statuses(List<PartitionHost> hosts, Function<PartitionId, @Nullable String> progress) {
        List<ReplicaStatus> statuses = new ArrayList<>();
        Map<PartitionId, String> beingMade = new HashMap<>();
        rebuilt.forEach((partition, reason) -> beingMade.put(partition, "REBUILT FROM A PEER: " + reason));
        waiting.forEach((partition, what) -> beingMade.put(partition, "WAITS: " + what));
        for (PartitionHost host : hosts) {
            beingMade.remove(host.partition());
            if (keepsUp(host)) {
                rebuilt.remove(host.partition());
            }
            statuses.add(status(host, progress.apply(host.partition()), rebuilt.get(host.partition())));
        }
        beingMade.forEach((partition, reason) -> statuses.add(new ReplicaStatus(
                partition, reason, Term.NONE, LogIndex.NONE, LogIndex.NONE, LogIndex.NONE, Timestamp.ZERO, 0)));
        statuses.sort(Comparator.comparing(ReplicaStatus::partition));
        return new ReplicaStatuses(node, statuses);
    }

    /** True if the group counts this very replica, and the leader finds it no further behind than it may be. */
    boolean keepsUp(PartitionHost host) {
        ReplicaGroup group = host.core().group();
        return group != null
                && group.counts(node, host.storageId())
                && group.inSync().contains(node);
    }

    private ReplicaStatus status(PartitionHost host, @Nullable String progress, @Nullable String reason) {
        String role = progress != null ? progress : host.core().isLeader() ? "LEADER" : "FOLLOWER";
        String stuck = host.stuckWords();
        String waits = waiting.get(host.partition());
        if (waits != null) {
            role = "WAITS: " + waits;
        } else if (stuck != null) {
            role = (progress == null ? "" : progress + "; ") + stuck;
        } else if (reason != null) {
            role = (progress == null ? "" : progress + "; ") + "REBUILT FROM A PEER: " + reason;
        }
        return new ReplicaStatus(
                host.partition(),
                role,
                host.core().term(),
                host.core().lastIndex(),
                host.core().commitIndex(),
                host.core().appliedIndex(),
                host.shown().leastTimestamp(),
                host.storage().schemaVersion());
    }
}
