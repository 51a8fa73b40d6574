package org.deuterium.replica.storage;

/**
 * A replica's H2 database can no longer be trusted: an entry could not be applied, a commit failed after the log had
 * decided, or the file is damaged. The replica stops and is rebuilt from another one.
 */
public class StorageFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public StorageFailedException(String message) {
        super(message);
    }

    public StorageFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
