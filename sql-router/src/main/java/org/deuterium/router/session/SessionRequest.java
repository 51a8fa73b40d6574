package org.deuterium.router.session;

import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.OversizedMessageException;
import org.deuterium.wire.statement.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message of a client from its turn until it is answered. The answer may come while the message is still being
 * dispatched (then the dispatching thread goes on with the next message), or later from another thread.
 */
final class SessionRequest {

    private static final Logger LOG = LoggerFactory.getLogger(SessionRequest.class);

    private static final int DISPATCHING = 0;
    private static final int DISPATCHED = 1;
    private static final int ENDED = 2;

    private final ClientSession session;
    private final int correlation;
    private final Message message;
    private final AtomicInteger phase = new AtomicInteger(DISPATCHING);

    SessionRequest(ClientSession session, int correlation, Message message) {
        this.session = session;
        this.correlation = correlation;
        this.message = message;
    }

    Message message() {
        return message;
    }

    /** Ends the request with its answer; any thread. */
    void answer(Message answer) {
        if (phase.get() == ENDED) {
            throw new IllegalStateException(
                    "a second answer to " + message.getClass().getSimpleName() + ": " + answer);
        }
        try {
            session.connection().send(correlation, answer);
        } catch (OversizedMessageException e) {
            session.connection()
                    .send(correlation, Failure.of(ErrorCode.MESSAGE_TOO_LARGE, String.valueOf(e.getMessage())));
        }
        end();
    }

    /** Ends the request without one; any thread. */
    void end() {
        if (phase.getAndSet(ENDED) == DISPATCHED) {
            session.requestEnded();
        }
    }

    /** The dispatching thread lets go: false if the request has ended and the thread shall take the next one. */
    boolean staysOpen() {
        return phase.compareAndSet(DISPATCHING, DISPATCHED);
    }
}
