package org.deuterium.wire.partition;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.AckRule;

/** Asks the leader to change the partition's ack rule; answered by Done when the board has it, or by a Failure. */
public record ChangeAckRule(PartitionId partition, AckRule rule, int timeoutMillis) implements PartitionRequest {

    @Override
    public int code() {
        return PartitionMessages.CHANGE_ACK_RULE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(partition.number()).writeString(rule.toString()).writeVInt(timeoutMillis);
    }

    static ChangeAckRule decode(WireReader in) {
        PartitionId partition = new PartitionId(in.readVInt());
        try {
            return new ChangeAckRule(partition, AckRule.parse(in.readString()), in.readVInt());
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException(String.valueOf(e.getMessage()));
        }
    }
}
