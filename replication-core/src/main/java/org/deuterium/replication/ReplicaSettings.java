package org.deuterium.replication;

/**
 * The numbers that steer replication.
 *
 * @param heartbeatMillis a follower that was sent nothing for so long is sent a heartbeat
 * @param lagMillis a follower that is so far behind leaves the in-sync set
 * @param silenceMillis where commits wait for the whole in-sync set: a follower that has not answered at all for so long
 *     since the term began leaves it
 * @param configRetryMillis a wished change of the group that was not read back for so long is wished again; one that could
 *     not be sent for so long is dropped
 * @param leaseMillis for so long after a leader sent what enough voters have confirmed it may answer reads by itself
 * @param driftPercent by how much clocks may differ in speed; voters wait so much longer than a lease
 * @param resignMillis a leader that held no lease for so long writes itself out of the group, so that another is elected
 * @param batchBytes payload bytes of one message that catches a follower up
 * @param inflightBytes payload bytes on the way to one follower before the leader waits for its answer
 * @param inflightMessages messages with entries on the way to one follower, likewise
 */
public record ReplicaSettings(
        long heartbeatMillis,
        long lagMillis,
        long silenceMillis,
        long configRetryMillis,
        long leaseMillis,
        int driftPercent,
        long resignMillis,
        int batchBytes,
        long inflightBytes,
        int inflightMessages) {

    public static final ReplicaSettings DEFAULT =
            new ReplicaSettings(100, 2_000, 500, 1_000, 1_000, 10, 6_000, 1 << 20, 16 << 20, 1_024);

    /** For so long after it confirmed a leader a voter gives no promise to another, on its own clock. */
    long graceMillis() {
        return leaseMillis + (leaseMillis * driftPercent + 99) / 100 + 1;
    }

    public ReplicaSettings {
        if (heartbeatMillis < 1 || batchBytes < 1 || inflightBytes < batchBytes || inflightMessages < 1) {
            throw new IllegalArgumentException("replica settings must be positive and inflightBytes " + inflightBytes
                    + " at least batchBytes " + batchBytes);
        }
    }
}
