package org.deuterium.wire.replication;

import org.deuterium.wire.MalformedMessageException;

/** How many replicas must have an entry fsynced before it is committed, and so how many must answer an election. */
public enum AckRule {
    /** A majority of the replicas; an acknowledged commit is lost only with a majority of the disks. */
    QUORUM {
        @Override
        public int acknowledgementsToCommit(int voters) {
            return voters / 2 + 1;
        }
    };

    private static final AckRule[] BY_CODE = values();

    /** Fsynced copies a commit needs, the leader's own included. */
    public abstract int acknowledgementsToCommit(int voters);

    /** Promises an election needs, so that each commit is known to at least one who answered. */
    public final int promisesToElect(int voters) {
        return voters - acknowledgementsToCommit(voters) + 1;
    }

    public int code() {
        return ordinal();
    }

    public static AckRule ofCode(int code) {
        if (code < 0 || code >= BY_CODE.length) {
            throw new MalformedMessageException("unknown ack rule " + code);
        }
        return BY_CODE[code];
    }
}
