package org.deuterium.coordinator;

/**
 * What became of a compare-and-set.
 *
 * @param version the new version if it was done, else -1
 */
public record ChangeResult(Outcome outcome, long version) {

    /** The three ways a compare-and-set can end. */
    public enum Outcome {
        DONE,
        /** Somebody else changed it before; nothing was written. */
        LOST,
        /** The connection to the board broke: it may have been done. Wait for the view to show what is there. */
        UNKNOWN
    }

    public static final ChangeResult LOST = new ChangeResult(Outcome.LOST, -1);

    public static final ChangeResult UNKNOWN = new ChangeResult(Outcome.UNKNOWN, -1);

    public static ChangeResult done(long version) {
        return new ChangeResult(Outcome.DONE, version);
    }

    public boolean isDone() {
        return outcome == Outcome.DONE;
    }
}
