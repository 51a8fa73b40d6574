package org.deuterium.replication;

/** How far the wish for an ack rule has come at the leader that was told it. */
public enum RuleStanding {
    /** The group that was read last has it, and no other rule can be on its way to the board. */
    IN_FORCE,
    /** It becomes the rule as soon as that can be done. */
    WISHED,
    /** It is wished no more: another rule was wished after it, it was withdrawn, or somebody else has led since. */
    GIVEN_UP
}
