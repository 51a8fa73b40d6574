package org.deuterium.router.session;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.OversizedMessageException;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One message of a client from its turn until it is answered. Wherever the answer comes from, it is sent and the request
 * ended on the connection's event loop, so that answers leave in the order of the requests.
 */
final class SessionRequest {

    private static final Logger LOG = LoggerFactory.getLogger(SessionRequest.class);

    private final ClientSession session;
    private final int correlation;
    private final Message message;

    /** Event loop only: the dispatcher has left, so whoever ends the request goes on with the next one. */
    private boolean open;

    private boolean ended;

    SessionRequest(ClientSession session, int correlation, Message message) {
        this.session = session;
        this.correlation = correlation;
        this.message = message;
    }

    /** The number the client gave it. */
    int correlation() {
        return correlation;
    }

    Message message() {
        return message;
    }

    /** Ends the request with its answer; any thread. */
    void answer(Message answer) {
        if (session.connection().inEventLoop()) {
            answerHere(answer);
        } else {
            session.connection().execute(() -> answerHere(answer));
        }
    }

    private void answerHere(Message answer) {
        if (ended) {
            LOG.error("a second answer to {}, which the client does not get: {}", message.getClass(), answer);
            return;
        }
        try {
            session.connection().send(correlation, answer);
        } catch (OversizedMessageException e) {
            session.connection().send(correlation, tooLarge(answer, e));
        }
        end();
    }

    /** Only the parts of a batch, each small enough, can be done before anybody sees that their answers are not together. */
    private static Failure tooLarge(Message answer, OversizedMessageException e) {
        return answer instanceof UpdateCounts
                ? Failure.of(
                        ErrorCode.ANSWER_LOST,
                        "The batch was run, in a transaction or committed, but its counts and generated keys fit into no"
                                + " answer; read what it changed, and ask for fewer columns or send smaller batches ("
                                + e.getMessage() + ")")
                : Failure.of(ErrorCode.MESSAGE_TOO_LARGE, String.valueOf(e.getMessage()));
    }

    /** Ends the request without an answer; event loop only. */
    void end() {
        ended = true;
        if (open) {
            session.requestEnded();
        }
    }

    /** The dispatcher leaves the request: false if it has ended, so that it is for the dispatcher to go on. */
    boolean staysOpen() {
        open = !ended;
        return open;
    }
}
