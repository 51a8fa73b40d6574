package org.deuterium.replica.log;

/** A data directory that this node must not use; the message says whose it is and what to do. */
public final class WrongDirectoryException extends Exception {

    private static final long serialVersionUID = 1;

    WrongDirectoryException(String message) {
        super(message);
    }
}
