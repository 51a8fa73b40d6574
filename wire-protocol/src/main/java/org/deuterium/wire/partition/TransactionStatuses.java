package org.deuterium.wire.partition;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/** The open branches in the partitions a node leads, and the transactions of its clients, as it sees them itself. */
public record TransactionStatuses(NodeId node, List<BranchStatus> branches, List<ClientTransaction> clients)
        implements Message {

    public TransactionStatuses {
        branches = List.copyOf(branches);
        clients = List.copyOf(clients);
    }

    /**
     * One open branch.
     *
     * @param state IDLE, RUNNING, WAITING, ENDING or PREPARED: see the leader's states of a branch
     * @param openedAtMicros when it was opened, in microseconds since 1970 by the clock of its leader
     * @param statement the text it runs or ran last, shortened; "" if it is not told
     */
    public record BranchStatus(
            PartitionId partition,
            TransactionId transaction,
            String state,
            long openedAtMicros,
            String statement,
            @Nullable LockWait lockWait) {}

    /**
     * What a branch waits for.
     *
     * @param ticket names this one wait at this leader
     * @param attempt how often the statement has met the lock; a higher number later means that it met it again
     * @param sinceMillis how long it has waited
     * @param holder the transaction that held the lock at the last attempt; NONE if that is not known
     */
    public record LockWait(long ticket, long attempt, long sinceMillis, TransactionId holder) {}

    /**
     * A transaction of a client of this node, or a statement of one that is a transaction of its own.
     *
     * @param ofStatement true for a statement that is a transaction of its own
     * @param user who logged in
     * @param client the client's address
     * @param state RUNNING while a statement is under way, else IDLE
     * @param ageMillis since it began
     * @param statementMillis how long the statement is under way, or how long ago the last one ended
     * @param statement the text under way, shortened; "" if none is
     */
    public record ClientTransaction(
            TransactionId transaction,
            boolean ofStatement,
            String user,
            String client,
            String state,
            String isolation,
            long ageMillis,
            long statementMillis,
            String statement) {}

    @Override
    public int code() {
        return PartitionMessages.TRANSACTION_STATUSES;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(node.name()).writeVInt(branches.size());
        for (BranchStatus branch : branches) {
            out.writeVInt(branch.partition().number());
            write(branch.transaction(), out);
            out.writeString(branch.state()).writeVLong(branch.openedAtMicros()).writeString(branch.statement());
            LockWait wait = branch.lockWait();
            out.writeBoolean(wait != null);
            if (wait != null) {
                out.writeVLong(wait.ticket()).writeVLong(wait.attempt()).writeVLong(wait.sinceMillis());
                write(wait.holder(), out);
            }
        }
        out.writeVInt(clients.size());
        for (ClientTransaction client : clients) {
            write(client.transaction(), out);
            out.writeBoolean(client.ofStatement())
                    .writeString(client.user())
                    .writeString(client.client())
                    .writeString(client.state());
            out.writeString(client.isolation()).writeVLong(client.ageMillis());
            out.writeVLong(client.statementMillis()).writeString(client.statement());
        }
    }

    private static void write(TransactionId id, WireWriter out) {
        out.writeLong(id.origin()).writeVLong(id.sequence());
    }

    private static TransactionId readId(WireReader in) {
        return new TransactionId(in.readLong(), in.readVLong());
    }

    static TransactionStatuses decode(WireReader in) {
        NodeId node = new NodeId(in.readString());
        int branchCount = in.readCount();
        List<BranchStatus> branches = new ArrayList<>(branchCount);
        for (int i = 0; i < branchCount; i++) {
            branches.add(new BranchStatus(
                    new PartitionId(in.readVInt()),
                    readId(in),
                    in.readString(),
                    in.readVLong(),
                    in.readString(),
                    in.readBoolean() ? readWait(in) : null));
        }
        int clientCount = in.readCount();
        List<ClientTransaction> clients = new ArrayList<>(clientCount);
        for (int i = 0; i < clientCount; i++) {
            clients.add(new ClientTransaction(
                    readId(in),
                    in.readBoolean(),
                    in.readString(),
                    in.readString(),
                    in.readString(),
                    in.readString(),
                    in.readVLong(),
                    in.readVLong(),
                    in.readString()));
        }
        return new TransactionStatuses(node, branches, clients);
    }

    private static LockWait readWait(WireReader in) {
        return new LockWait(in.readVLong(), in.readVLong(), in.readVLong(), readId(in));
    }
}
