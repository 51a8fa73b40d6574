package org.deuterium.router.session;

/**
 * The knobs of one router.
 *
 * @param workerThreads at most so many statements wait at once for several answers, or are planned
 * @param mergeMemoryBytes how much one statement may hold of its partitions' rows
 * @param defaultReplicas for tables that do not say how many replicas they want
 */
public record RouterSettings(int workerThreads, long mergeMemoryBytes, int defaultReplicas, SessionLimits limits) {

    public static RouterSettings defaults() {
        return new RouterSettings(64, 64L << 20, 3, SessionLimits.defaults());
    }

    public RouterSettings withDefaultReplicas(int replicas) {
        return new RouterSettings(workerThreads, mergeMemoryBytes, replicas, limits);
    }

    public RouterSettings withMergeMemory(long bytes) {
        return new RouterSettings(workerThreads, bytes, defaultReplicas, limits);
    }

    public RouterSettings withLimits(SessionLimits other) {
        return new RouterSettings(workerThreads, mergeMemoryBytes, defaultReplicas, other);
    }
}
