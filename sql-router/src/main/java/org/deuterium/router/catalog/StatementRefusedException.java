package org.deuterium.router.catalog;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;

/** A statement that cannot be planned; carries what the client is told. */
public final class StatementRefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // never leaves the process that throws it
    private final Failure failure;

    public StatementRefusedException(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    /** A refusal of something that Deuterium cannot do yet. */
    public static StatementRefusedException notSupported(String message) {
        return new StatementRefusedException(Failure.of(ErrorCode.NOT_SUPPORTED, message));
    }

    public Failure failure() {
        return failure;
    }
}
