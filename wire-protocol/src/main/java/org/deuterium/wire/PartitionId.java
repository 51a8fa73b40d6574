package org.deuterium.wire;

/** The number of one partition, unique in the cluster and never used again; 0 is the home partition. */
public record PartitionId(int number) implements Comparable<PartitionId> {

    /** Holds every plain table, the sequences and the identity counters. */
    public static final PartitionId HOME = new PartitionId(0);

    public PartitionId {
        if (number < 0) {
            throw new IllegalArgumentException("partition number " + number + " is negative");
        }
    }

    @Override
    public int compareTo(PartitionId other) {
        return Integer.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "p" + number;
    }
}
