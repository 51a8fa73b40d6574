package org.deuterium.coordinator;

/** How many fsynced acknowledgements a commit of a partition needs. */
public enum AckRule {
    /** A majority of the replicas. */
    QUORUM
}
