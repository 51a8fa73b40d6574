package org.deuterium.simulation.world;

/** What can go wrong in a run, for the counts at its end. */
public enum FaultKind {
    MESSAGE_DROPPED("messages dropped"),
    MESSAGE_DUPLICATED("messages duplicated"),
    MESSAGE_REORDERED("messages overtaken by a later one"),
    ONE_WAY_CUT("nodes cut off in one direction"),
    PARTITION("nodes cut off in both directions"),
    LINK_CUT("ways between two nodes cut"),
    COORDINATOR_CUT("nodes cut off from the coordinator alone"),
    CRASH("crashes of a process"),
    CRASH_OF_ALL("crashes of every process at once"),
    UNSYNCED_WRITES_LOST("crashes that lost every unsynced write"),
    UNSYNCED_WRITES_KEPT("crashes that left unsynced writes to be read, on no disk"),
    TORN_TAIL("crashes that tore the unsynced writes"),
    BIT_FLIPPED("records damaged on a disk"),
    DISK_REPLACED("disks replaced by an empty one"),
    NODE_LOST("nodes taken to be lost, whose replica another is to have"),
    DATABASE_FAILED("databases that failed on an entry"),
    POISON_ENTRY("entries that databases of followers failed on"),
    PAUSE("pauses of a process"),
    CLOCK_SET("clocks set to another time at a restart"),
    CLOCK_STEPPED("wall clocks that stepped while the process lives"),
    SESSION_EXPIRED("sessions expired while the process lives"),
    ANSWER_LOST("coordinator requests or answers lost"),
    COORDINATOR_AWAY("times the coordinator was away"),
    LOG_CUT_EARLY("logs cut before every follower had them");

    private final String words;

    FaultKind(String words) {
        this.words = words;
    }

    /** As people read it after a count. */
    public String words() {
        return words;
    }
}
