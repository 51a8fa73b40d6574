package org.deuterium.router.session;

import org.deuterium.router.reads.SessionReads;

/**
 * The knobs of one router.
 *
 * @param workerThreads at most so many statements wait at once for several answers, or are planned
 * @param mergeMemoryBytes how much one statement may hold of its partitions' rows
 * @param defaultReplicas for tables that do not say how many replicas they want
 * @param followerWaitMillis how long a follower that is behind may take before a read goes to the leader
 * @param idleTransactionMillis after how long without a request a client's open transaction is rolled back, unless the client
 *     sets it; 0 never
 */
public record RouterSettings(
        int workerThreads,
        long mergeMemoryBytes,
        int defaultReplicas,
        SessionLimits limits,
        int followerWaitMillis,
        int idleTransactionMillis) {

    public static RouterSettings defaults() {
        return new RouterSettings(64, 64L << 20, 3, SessionLimits.defaults(), SessionReads.DEFAULT_WAIT_MILLIS, 0);
    }

    public RouterSettings withDefaultReplicas(int replicas) {
        return new RouterSettings(
                workerThreads, mergeMemoryBytes, replicas, limits, followerWaitMillis, idleTransactionMillis);
    }

    public RouterSettings withMergeMemory(long bytes) {
        return new RouterSettings(
                workerThreads, bytes, defaultReplicas, limits, followerWaitMillis, idleTransactionMillis);
    }

    public RouterSettings withLimits(SessionLimits other) {
        return new RouterSettings(
                workerThreads, mergeMemoryBytes, defaultReplicas, other, followerWaitMillis, idleTransactionMillis);
    }

    public RouterSettings withIdleTransactionMillis(int millis) {
        return new RouterSettings(workerThreads, mergeMemoryBytes, defaultReplicas, limits, followerWaitMillis, millis);
    }
}
