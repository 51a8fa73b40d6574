package org.deuterium.wire.partition;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.StatementMessages;

/**
 * A replica's answer, and where in its partition's log it stands.
 *
 * @param index the answer shows nothing that comes later in the log; for a write, its own entry
 * @param timestamp that entry's, or a later one
 * @param answer a RowsPage, UpdateCounts, Done or TransactionOutcome; a Failure comes without a position, but for CUT_MISSED
 */
public record PositionedAnswer(LogIndex index, Timestamp timestamp, Message answer) implements Message {

    private static final StatementMessages ANSWERS = new StatementMessages();

    @Override
    public int code() {
        return PartitionMessages.POSITIONED_ANSWER;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(index.position()).writeVLong(timestamp.value()).writeByte(answer.code());
        answer.encode(out);
    }

    static PositionedAnswer decode(WireReader in) {
        LogIndex index = new LogIndex(in.readVLong());
        Timestamp timestamp = new Timestamp(in.readVLong());
        return new PositionedAnswer(index, timestamp, ANSWERS.decode(in.readByte(), in));
    }
}
