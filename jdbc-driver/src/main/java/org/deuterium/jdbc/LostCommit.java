package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.util.function.Function;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.client.AskTransaction;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/** A commit whose link broke before its answer came: another node is asked what became of it. */
final class LostCommit {

    private static final int TRIES = 3;

    private final TransactionId from;
    private final Message request;
    private final IOException cause;

    LostCommit(TransactionId from, Message request, IOException cause) {
        this.from = from;
        this.request = request;
        this.cause = cause;
    }

    /**
     * The answer the request would have had.
     *
     * @param elsewhere asks any node, and gives null if none can be reached
     * @throws SQLException 40001 if it surely was not committed, 08007 if nobody can say, 08P03 if it was and is not seen
     *     everywhere yet
     */
    Message answer(Function<AskTransaction, @Nullable Message> elsewhere) throws SQLException {
        Failure notSeen = null;
        for (int tries = 0; tries < TRIES; tries++) {
            Message reply = elsewhere.apply(new AskTransaction(from));
            if (reply instanceof TransactionOutcome outcome && outcome.state() == State.COMMITTED) {
                return committed(outcome);
            }
            if (reply instanceof TransactionOutcome outcome && outcome.state() == State.ABORTED) {
                throw SqlExceptions.of(
                        ErrorCode.TRANSACTION_ROLLED_BACK,
                        "the connection broke (" + cause.getMessage()
                                + ") before the commit was done, and it never will be; run the transaction again",
                        cause);
            }
            if (reply instanceof Failure failure && failure.error() == ErrorCode.ANSWER_LOST) {
                notSeen = failure;
            }
        }
        if (notSeen != null) {
            throw SqlExceptions.of(notSeen);
        }
        throw SqlExceptions.of(
                ErrorCode.OUTCOME_UNKNOWN,
                "the connection broke (" + cause.getMessage()
                        + ") after the request was sent, and no node can say whether it was done; look for its effect"
                        + " before you do it again",
                cause);
    }

    private Message committed(TransactionOutcome outcome) throws SQLException {
        if (!(request instanceof ExecuteStatement execute)) {
            return new Done();
        }
        int sets = execute.parameters().sets();
        if (outcome.count() >= 0 && sets == 1) {
            return UpdateCounts.of(outcome.count());
        }
        if (sets > 1) {
            // Each partition commits its sets of an autocommit batch by itself, and one may have while another has not.
            throw SqlExceptions.of(
                    ErrorCode.OUTCOME_UNKNOWN,
                    "the connection broke (" + cause.getMessage()
                            + ") during a batch: some of its sets were done and committed, others may not have been; look"
                            + " for their effect before you do them again",
                    cause);
        }
        throw SqlExceptions.of(
                ErrorCode.ANSWER_LOST,
                "the statement was done and committed, but its answer was lost with its node (" + cause.getMessage()
                        + "); read what it changed",
                cause);
    }
}
