package org.deuterium.wire;

/** Bytes that are no message of this protocol; the connection they came from cannot be read any further. */
public final class MalformedMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public MalformedMessageException(String message) {
        super(message);
    }
}
