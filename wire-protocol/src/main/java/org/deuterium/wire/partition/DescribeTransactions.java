package org.deuterium.wire.partition;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Asks a node about the branches in the partitions it leads, and about the transactions of its own clients; answered by
 * {@link TransactionStatuses}.
 *
 * @param waitsOnly only the branches that have waited for a lock for some time, without texts and clients: what the
 *     search for deadlocks needs
 */
public record DescribeTransactions(boolean waitsOnly) implements NodeRequest {

    @Override
    public int code() {
        return PartitionMessages.DESCRIBE_TRANSACTIONS;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeBoolean(waitsOnly);
    }

    static DescribeTransactions decode(WireReader in) {
        return new DescribeTransactions(in.readBoolean());
    }
}
