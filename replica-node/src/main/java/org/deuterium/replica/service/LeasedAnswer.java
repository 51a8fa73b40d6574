package org.deuterium.replica.service;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;

/**
 * Answers with what was read at a leader only when nobody else can have been elected before the read was over: the lease
 * is looked at after the read (Gray and Cheriton 1989). Without one it waits for the voters' next confirmation.
 */
final class LeasedAnswer {

    private final PartitionHost host;
    private final Term term;

    /** @param term the term the read was done in */
    LeasedAnswer(PartitionHost host, Term term) {
        this.host = host;
        this.term = term;
    }

    /** @param insteadIfNone undoes what was done and says what is to be answered without a lease; may block */
    void give(Message reply, Consumer<Message> answer, Supplier<Failure> insteadIfNone) {
        if (saysNothing(reply)) {
            answer.accept(reply);
        } else {
            giveLeased(reply, answer, insteadIfNone);
        }
    }

    /** As {@link #give}, for a reply that says, whatever is in it, that nobody else was leader until now. */
    void giveLeased(Message reply, Consumer<Message> answer, Supplier<Failure> insteadIfNone) {
        if (host.holdsLease(term)) {
            answer.accept(reply);
        } else {
            host.awaitLease(term, holds -> answer.accept(holds ? reply : insteadIfNone.get()));
        }
    }

    /** True for answers from which nobody learns what is in the database. */
    private static boolean saysNothing(Message reply) {
        return reply instanceof Done || (reply instanceof Failure failure && failure.error() != ErrorCode.SQL_ERROR);
    }

    Failure noLease() {
        return Failure.of(
                ErrorCode.NO_LEASE,
                "The leader of partition " + host.partition() + " has not been confirmed by enough of its voters for"
                        + " longer than a lease, so it does not say what it read; ask again, another leader may be"
                        + " there by then");
    }

    Failure rolledBack() {
        return Failure.ofTransaction(
                ErrorCode.TRANSACTION_ROLLED_BACK,
                "The transaction was rolled back: " + noLease().message() + "; run it again");
    }
}
