package org.deuterium.wire.client;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.WireReader;

/** Between a driver and a router: codes 16 to 63. */
public final class ClientMessages implements MessageFamily {

    static final int HELLO = 16;
    static final int WELCOME = 17;
    static final int PREPARE_STATEMENT = 18;
    static final int STATEMENT_PREPARED = 19;
    static final int EXECUTE_STATEMENT = 20;
    static final int FETCH_ROWS = 21;
    static final int CLOSE_HANDLE = 22;
    static final int END_TRANSACTION = 23;
    static final int DESCRIBE_CATALOG = 24;
    static final int CANCEL_STATEMENT = 25;
    static final int CHANGE_SESSION = 26;
    static final int PING = 27;
    static final int ASK_TRANSACTION = 30;

    @Override
    public int firstCode() {
        return 16;
    }

    @Override
    public int lastCode() {
        return 63;
    }

    @Override
    public Message decode(int code, WireReader payload) {
        return switch (code) {
            case HELLO -> Hello.decode(payload);
            case WELCOME -> Welcome.decode(payload);
            case PREPARE_STATEMENT -> PrepareStatement.decode(payload);
            case STATEMENT_PREPARED -> StatementPrepared.decode(payload);
            case EXECUTE_STATEMENT -> ExecuteStatement.decode(payload);
            case FETCH_ROWS -> FetchRows.decode(payload);
            case CLOSE_HANDLE -> CloseHandle.decode(payload);
            case END_TRANSACTION -> EndTransaction.decode(payload);
            case DESCRIBE_CATALOG -> DescribeCatalog.decode(payload);
            case CANCEL_STATEMENT -> CancelStatement.decode(payload);
            case CHANGE_SESSION -> ChangeSession.decode(payload);
            case PING -> Ping.decode(payload);
            case ASK_TRANSACTION -> AskTransaction.decode(payload);
            default -> throw new MalformedMessageException("no client message has code " + code);
        };
    }
}
