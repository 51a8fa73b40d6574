package org.deuterium.coordinator;

import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;

/**
 * Partitions that share the 65,536 slots of a hash, so that tables kept in the same set are co-located.
 *
 * @param name {@link #HOME}, or a name that says how the set was made, such as {@code hash/8}
 * @param partitions in the order of their slots: partition i of n has the slots from i*65536/n up to (i+1)*65536/n
 * @param replicas how many replicas each partition is to have
 * @param ackRule when a commit of its partitions is acknowledged: what new partitions begin with; each partition's state
 *     says what is in force there
 * @param logKind what the entries of its partitions' logs are
 */
public record PartitionSet(String name, List<PartitionId> partitions, int replicas, AckRule ackRule, LogKind logKind) {

    public static final String HOME = "home";

    public static final int SLOTS = 1 << 16;

    public PartitionSet(String name, List<PartitionId> partitions, int replicas) {
        this(name, partitions, replicas, AckRule.QUORUM, LogKind.DEFAULT);
    }

    public PartitionSet {
        partitions = List.copyOf(partitions);
        if (partitions.isEmpty() || partitions.size() > SLOTS) {
            throw new IllegalArgumentException("partition set " + name + " with " + partitions.size() + " partitions");
        }
    }

    public PartitionSet withAckRule(AckRule other) {
        return new PartitionSet(name, partitions, replicas, other, logKind);
    }

    public PartitionSet withLogKind(LogKind other) {
        return new PartitionSet(name, partitions, replicas, ackRule, other);
    }

    /** The first slot of a partition of this set. */
    public int firstSlot(int partitionOrdinal) {
        return (int) ((long) partitionOrdinal * SLOTS / partitions.size());
    }

    /** The partition whose slots this one is among. */
    public PartitionId partitionOfSlot(int slot) {
        if (slot < 0 || slot >= SLOTS) {
            throw new IllegalArgumentException("slot " + slot + " is not between 0 and " + (SLOTS - 1));
        }
        int count = partitions.size();
        int ordinal = (int) ((long) slot * count / SLOTS);
        if (ordinal + 1 < count && slot >= firstSlot(ordinal + 1)) {
            ordinal++;
        }
        return partitions.get(ordinal);
    }
}
