package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks, after a link broke, whether the transaction that was under way on it was committed; answered by a
 * TransactionOutcome: COMMITTED, ABORTED, or FORGOTTEN if nobody can say; or by a Failure ANSWER_LOST if it is committed, and
 * some partition may not show it yet. The session of that link gets nothing more done.
 *
 * @param from the first identity that can be that of the transaction in question
 */
public record AskTransaction(TransactionId from) implements Message {

    @Override
    public int code() {
        return ClientMessages.ASK_TRANSACTION;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeLong(from.origin()).writeVLong(from.sequence());
    }

    static AskTransaction decode(WireReader in) {
        return new AskTransaction(new TransactionId(in.readLong(), in.readVLong()));
    }
}
