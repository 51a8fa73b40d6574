package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.deuterium.router.catalog.ReplicatedTable;
import org.deuterium.router.catalog.ReplicatedTable.StoredColumn;
import org.deuterium.router.plan.SchemaChangePlan.CopiedTable;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.ReadUnderFence;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.value.Value;

/**
 * Gives new partitions their copies of REPLICATED tables, inside the schema change that brings the partitions into the
 * schema. The home partition holds its work back meanwhile, so nobody can change what is copied; the new ones are not in
 * the schema yet, so nobody reads or writes them, and what an abandoned attempt left there is deleted first. When they hold
 * their work back as well, the rows are counted: a router that was believed dead may have added some. Blocks.
 */
final class NewCopies {

    private static final int ROWS_AT_ONCE = 2_000;

    private final PartitionLeaders leaders;
    private final TransactionNumbers numbers = new TransactionNumbers();
    private final long version;
    private final List<PartitionId> targets;

    /** @param version the version of the schema that will have the partitions */
    NewCopies(PartitionLeaders leaders, long version, List<PartitionId> targets) {
        this.leaders = leaders;
        this.version = version;
        this.targets = List.copyOf(targets);
    }

    /**
     * Brings all rows of the home partition's copy into the new ones.
     *
     * @throws StatementFailedException if a leader failed; the change must not be decided then
     */
    void fill(CopiedTable copied) {
        ReplicatedTable table = copied.table();
        write("DELETE FROM " + table.quoted(), ParameterRows.NONE);
        int width = table.given().size();
        String columns = String.join(
                ", ", table.given().stream().map(StoredColumn::quoted).toList());
        PartitionRows rows = read(PartitionId.HOME, "SELECT " + columns + " FROM " + table.quoted(), width);
        try {
            WireWriter next = new WireWriter();
            int count = 0;
            for (Value[] row = rows.next(); row != null; row = rows.next()) {
                for (Value value : row) {
                    ValueCodec.write(value, next);
                }
                if (++count == ROWS_AT_ONCE) {
                    write(copied.insert(), new ParameterRows(count, width, next.toByteArray()));
                    next = new WireWriter();
                    count = 0;
                }
            }
            if (count > 0) {
                write(copied.insert(), new ParameterRows(count, width, next.toByteArray()));
            }
        } finally {
            rows.close();
        }
    }

    /**
     * Counts again, now that all of them hold their work back.
     *
     * @throws StatementFailedException if the copies are not equal; the change must not be decided then
     */
    void verify(CopiedTable copied) {
        String sql = "SELECT COUNT(*) FROM " + copied.table().quoted();
        Value[] home = Objects.requireNonNull(read(PartitionId.HOME, sql, 1).next());
        for (PartitionId target : targets) {
            Value[] here = Objects.requireNonNull(read(target, sql, 1).next());
            if (here[0].getLong() != home[0].getLong()) {
                throw new StatementFailedException(
                        ErrorCode.SCHEMA_CHANGE_REFUSED,
                        "The new partition " + target + " has " + here[0].getLong() + " rows of "
                                + copied.table().qualifiedName() + " instead of " + home[0].getLong()
                                + ": another node was making it too; try the change again");
            }
        }
    }

    private PartitionRows read(PartitionId partition, String sql, int width) {
        CompletableFuture<NodeId> asked = new CompletableFuture<>();
        CompletableFuture<Message> reply = new CompletableFuture<>();
        PartitionRequest request = new ReadUnderFence(version, statement(partition, sql, ParameterRows.NONE));
        new LeaderCall(leaders, request, true, (leader, answer) -> {
                    asked.complete(leader);
                    reply.complete(answer);
                })
                .start();
        if (reply.join() instanceof RowsPage page) {
            return new PartitionRows(leaders, partition, asked.join(), page, width, 0);
        }
        throw failed(partition, reply.join());
    }

    /** The same in every new partition, each by itself: all of it is done again if anything fails. */
    private void write(String sql, ParameterRows parameters) {
        List<CompletableFuture<Message>> asked = new ArrayList<>();
        for (PartitionId target : targets) {
            asked.add(await(answer -> leaders.callLeader(statement(target, sql, parameters), false, answer)));
        }
        for (int i = 0; i < targets.size(); i++) {
            Message reply = asked.get(i).join();
            if (!(reply instanceof UpdateCounts done)) {
                throw failed(targets.get(i), reply);
            }
            if (!done.failures().isEmpty()) {
                throw failed(targets.get(i), done.failures().get(0));
            }
        }
    }

    private static CompletableFuture<Message> await(Consumer<Consumer<Message>> step) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        step.accept(answer::complete);
        return answer;
    }

    private ExecuteInBranch statement(PartitionId partition, String sql, ParameterRows parameters) {
        SessionContext session = new SessionContext("PUBLIC", "UTC", SessionContext.DEFAULT_LOCK_TIMEOUT_MILLIS);
        return new ExecuteInBranch(
                        partition,
                        version - 1,
                        numbers.next(),
                        true,
                        true,
                        false,
                        session,
                        sql,
                        parameters,
                        0,
                        0,
                        0,
                        KeysWanted.NONE,
                        false)
                .loggedAsRows();
    }

    private static StatementFailedException failed(PartitionId partition, Message reply) {
        String why = reply instanceof Failure failure ? failure.message() : "an answer of " + reply.getClass();
        return new StatementFailedException(
                ErrorCode.SCHEMA_CHANGE_REFUSED,
                "The new partitions did not get their copies of the REPLICATED tables (" + partition + ": " + why
                        + "); try the change again");
    }
}
