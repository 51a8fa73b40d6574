package org.deuterium.router.catalog;

/**
 * What a set of partitions must be like; tables with equal specs share one set, and so are co-located.
 *
 * @param name "home", or "hash/count" with "/replicas=n" appended when that is not the default
 * @param partitions how many partitions share the slots
 * @param replicas how many nodes hold each, or {@link #DEFAULT_REPLICAS} for the cluster's default
 */
public record PartitionSetSpec(String name, int partitions, int replicas) {

    public static final int DEFAULT_PARTITIONS = 8;

    /** Stands for "as many as the cluster makes by default" (3, or fewer nodes). */
    public static final int DEFAULT_REPLICAS = 0;

    /** The one partition that holds every plain table. */
    public static final PartitionSetSpec HOME = new PartitionSetSpec("home", 1, DEFAULT_REPLICAS);

    public static PartitionSetSpec hash(int partitions, int replicas) {
        String name = "hash/" + partitions + (replicas == DEFAULT_REPLICAS ? "" : "/replicas=" + replicas);
        return new PartitionSetSpec(name, partitions, replicas);
    }

    public boolean isHome() {
        return name.equals(HOME.name);
    }
}
