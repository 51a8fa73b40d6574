package org.deuterium.coordinator;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.jspecify.annotations.Nullable;

/**
 * Every partition set of the cluster.
 *
 * @param nextPartition the number the next new partition gets; numbers are never used again
 * @param version the version the board gave this map
 */
public record PartitionMap(List<PartitionSet> sets, int nextPartition, long version) {

    public static final PartitionMap EMPTY = new PartitionMap(List.of(), 0, -1);

    public PartitionMap {
        sets = List.copyOf(sets);
    }

    public @Nullable PartitionSet set(String name) {
        for (PartitionSet set : sets) {
            if (set.name().equals(name)) {
                return set;
            }
        }
        return null;
    }

    public @Nullable PartitionSet setOf(PartitionId partition) {
        for (PartitionSet set : sets) {
            if (set.partitions().contains(partition)) {
                return set;
            }
        }
        return null;
    }

    /** This map and one more set of new partitions. */
    public PartitionMap withNewSet(String name, int partitions, int replicas, AckRule ackRule, LogKind logKind) {
        List<PartitionId> numbers = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            numbers.add(new PartitionId(nextPartition + i));
        }
        List<PartitionSet> all = new ArrayList<>(sets);
        all.add(new PartitionSet(name, numbers, replicas, ackRule, logKind));
        return new PartitionMap(all, nextPartition + partitions, version);
    }

    /** This map with another state of a set it has. */
    public PartitionMap withChanged(PartitionSet changed) {
        List<PartitionSet> all = new ArrayList<>(sets);
        all.replaceAll(set -> set.name().equals(changed.name()) ? changed : set);
        return new PartitionMap(all, nextPartition, version);
    }
}
