package org.deuterium.coordinator;

/** What became of a compare-and-set. */
public enum ChangeResult {
    DONE,
    /** Somebody else changed it before; nothing was written. */
    LOST,
    /** The connection to the board broke: it may have been done. {@link ClusterView#read} tells what is there. */
    UNKNOWN
}
