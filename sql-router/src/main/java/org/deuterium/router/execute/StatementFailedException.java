package org.deuterium.router.execute;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;

/** A statement cannot be done; carries what its client is told. */
public final class StatementFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public StatementFailedException(Failure failure) {
        super(failure.message(), null, false, false);
        this.failure = failure;
    }

    public StatementFailedException(ErrorCode code, String message) {
        this(Failure.of(code, message));
    }

    public Failure failure() {
        return failure;
    }
}
