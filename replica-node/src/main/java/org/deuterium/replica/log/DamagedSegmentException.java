package org.deuterium.replica.log;

/** A segment file whose header is not as it was written. */
final class DamagedSegmentException extends Exception {

    private static final long serialVersionUID = 1;

    DamagedSegmentException(String message) {
        super(message);
    }
}
