package org.deuterium.simulation;

/** A mistake that a host or controller could make; the simulation is worth its name only if it finds each of them. */
enum PlantedBug {
    NONE,
    /** The host tells the core that entries are durable before they are fsynced. */
    ACKNOWLEDGES_BEFORE_FSYNC,
    /** The host does not write promises to its disk. */
    FORGETS_PROMISES,
    /** The controller names a leader after the first promise. */
    ELECTS_WITH_ONE_PROMISE,
    /** The controller takes any voter that promised, not the one with the greatest log. */
    ELECTS_ANY_LOG,
    /** An empty disk answers with the storage id of the one it replaced. */
    EMPTY_DISK_VOTES,
    /** The leader counts a majority for entries of older terms. */
    COMMITS_OLDER_TERMS
}
