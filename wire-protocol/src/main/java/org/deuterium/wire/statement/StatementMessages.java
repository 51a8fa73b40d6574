package org.deuterium.wire.statement;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.WireReader;

/** The answers to statements: codes 1 to 15. */
public final class StatementMessages implements MessageFamily {

    static final int ROWS_PAGE = 1;
    static final int UPDATE_COUNTS = 2;
    static final int FAILURE = 3;
    static final int DONE = 4;
    static final int TRANSACTION_OUTCOME = 5;

    @Override
    public int firstCode() {
        return 1;
    }

    @Override
    public int lastCode() {
        return 15;
    }

    @Override
    public Message decode(int code, WireReader payload) {
        return switch (code) {
            case ROWS_PAGE -> RowsPage.decode(payload);
            case UPDATE_COUNTS -> UpdateCounts.decode(payload);
            case FAILURE -> Failure.decode(payload);
            case DONE -> Done.decode(payload);
            case TRANSACTION_OUTCOME -> TransactionOutcome.decode(payload);
            default -> throw new MalformedMessageException("no statement message has code " + code);
        };
    }
}
