package org.deuterium.router.catalog;

import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.jspecify.annotations.Nullable;

/**
 * What a set of partitions was made like; tables with equal specs share one set, and so are co-located. What it is like
 * now is on the board: ALTER TABLE ... SET changes the set, not its spec and name.
 *
 * @param name "home", or "hash/count" with "/replicas=n", "/ack=rule" and "/log=kind" appended where they are not the
 *     default
 * @param partitions how many partitions share the slots
 * @param replicas how many nodes hold each, or {@link #DEFAULT_REPLICAS} for the cluster's default
 */
public record PartitionSetSpec(String name, int partitions, int replicas, AckRule ackRule, LogKind logKind) {

    public static final int DEFAULT_PARTITIONS = 8;

    /** Stands for "as many as the cluster makes by default" (3, or fewer nodes). */
    public static final int DEFAULT_REPLICAS = 0;

    /** The one partition that holds every plain table. */
    public static final PartitionSetSpec HOME =
            new PartitionSetSpec("home", 1, DEFAULT_REPLICAS, AckRule.QUORUM, LogKind.DEFAULT);

    public static PartitionSetSpec hash(int partitions, int replicas) {
        return hash(partitions, replicas, null, null);
    }

    /** What is null was not said, and is the default. */
    static PartitionSetSpec hash(int partitions, int replicas, @Nullable AckRule ackRule, @Nullable LogKind logKind) {
        AckRule rule = ackRule == null ? AckRule.QUORUM : ackRule;
        LogKind kind = logKind == null ? LogKind.DEFAULT : logKind;
        String name = "hash/" + partitions
                + (replicas == DEFAULT_REPLICAS ? "" : "/replicas=" + replicas)
                + (rule.equals(AckRule.QUORUM) ? "" : "/ack=" + rule.toString().replace(' ', '_'))
                + (kind == LogKind.DEFAULT ? "" : "/log=" + kind);
        return new PartitionSetSpec(name, partitions, replicas, rule, kind);
    }

    public boolean isHome() {
        return name.equals(HOME.name);
    }
}
