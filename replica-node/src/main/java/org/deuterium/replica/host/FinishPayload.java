package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/** What a FINISH entry carries: transactions that nobody will ask for any more. */
public final class FinishPayload {

    private FinishPayload() {}

    public static byte[] encode(List<TransactionId> transactions) {
        WireWriter out = new WireWriter();
        out.writeVInt(transactions.size());
        transactions.forEach(id -> out.writeLong(id.origin()).writeVLong(id.sequence()));
        return out.toByteArray();
    }

    static List<TransactionId> decode(byte[] payload) {
        WireReader in = new WireReader(payload);
        int count = in.readCount();
        List<TransactionId> transactions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            transactions.add(new TransactionId(in.readLong(), in.readVLong()));
        }
        return transactions;
    }
}
