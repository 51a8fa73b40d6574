package org.deuterium.replica.log;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An entry that cannot be read as it was written: the replica it belongs to is to be rebuilt from a peer. */
public final class DamagedEntryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public DamagedEntryException(Path file, long offset, @Nullable Throwable cause) {
        super("the entry at byte " + offset + " of " + file + " cannot be read as it was written", cause);
    }
}
