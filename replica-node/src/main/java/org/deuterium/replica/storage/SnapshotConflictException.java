package org.deuterium.replica.storage;

/** Somebody else has committed what a branch with a snapshot must not overwrite; it is to be rolled back. */
public final class SnapshotConflictException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    SnapshotConflictException(String why) {
        super(why, null, false, false);
    }
}
