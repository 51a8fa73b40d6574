package org.deuterium.router.reads;

/** Which replica answers a plain read outside of a branch. */
public enum ReadPreference {
    /** The leader. */
    LEADER,
    /** A follower, the one on the router's own node if there is one. */
    FOLLOWER,
    /** The replica on the router's own node, else the one that was quickest to answer lately. */
    NEAREST,
    /** The tail of the chain where the ack rule is CHAIN: as strong as the leader, which is spared; else the leader. */
    TAIL
}
