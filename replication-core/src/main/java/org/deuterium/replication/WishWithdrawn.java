package org.deuterium.replication;

/** What became of a wish for another ack rule that was given up. */
public enum WishWithdrawn {
    /** The rule stays what it was. */
    SURELY,
    /** A change of rule may have reached the board: the group that is read next tells. */
    UNKNOWN,
    /** Somebody else wishes the same rule, and goes on waiting. */
    OTHERS_WAIT
}
