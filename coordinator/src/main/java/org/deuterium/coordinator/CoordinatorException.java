package org.deuterium.coordinator;

/** The board cannot be reached, or refuses what was asked; the message says what, where and the cure. */
public final class CoordinatorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CoordinatorException(String message) {
        super(message);
    }

    public CoordinatorException(String message, Throwable cause) {
        super(message, cause);
    }
}
