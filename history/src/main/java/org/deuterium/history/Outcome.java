package org.deuterium.history;

/** What a client was told about its transaction. */
public enum Outcome {
    /** Committed, and acknowledged. */
    OK,
    /** Surely rolled back: nothing of it may ever be seen. */
    FAILED,
    /** The answer was lost: it may have happened, may still happen, or never will. */
    UNKNOWN
}
