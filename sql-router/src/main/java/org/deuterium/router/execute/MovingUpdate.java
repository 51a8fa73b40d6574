package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.router.catalog.RegularMode;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.message.DbException;
import org.h2.value.CompareMode;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * UPDATE of a partition column: finds and locks the rows, one partition after another in the order that all lockers keep,
 * then deletes what must leave its place, updates what stays, and inserts what is new, each in all partitions at once.
 * Deletes come before inserts, so keys may change places with each other, as in one H2. Blocks: for workers only.
 */
final class MovingUpdate {

    /** No name a client can give: H2's have no such character unquoted, and the router keeps quotes off. */
    private static final String STATEMENT = "\u0000moves";

    /** So many rows go into one message. */
    private static final int ROWS_AT_ONCE = 4_000;

    private final PartitionLeaders leaders;
    private final PartitionChoice choice;
    private final long memoryLimitBytes;

    /** @param memoryLimitBytes how much a statement may hold of the rows it changes, as they are on the wire */
    MovingUpdate(PartitionLeaders leaders, PartitionChoice choice, long memoryLimitBytes) {
        this.leaders = leaders;
        this.choice = choice;
        this.memoryLimitBytes = memoryLimitBytes;
    }

    /** The answer: UpdateCounts with the number of rows found, or a Failure after which nothing is changed. */
    Message run(DataPlan plan, Merge.Moves moves, PartitionSet partitions, StatementCall call)
            throws InterruptedException {
        return AtomicStatement.run(leaders, call, STATEMENT, () -> new Run(plan, moves, partitions, call).run());
    }

    /** The rows of one step in one partition, as sets of parameters. */
    private static final class Sets {
        private final List<ParameterRows> full = new ArrayList<>();
        private WireWriter next = new WireWriter();
        private int count;

        void add(Value... values) {
            for (Value value : values) {
                ValueCodec.write(value, next);
            }
            if (++count == ROWS_AT_ONCE) {
                finish(values.length);
            }
        }

        private void finish(int width) {
            if (count > 0) {
                full.add(new ParameterRows(count, width, next.toByteArray()));
                next = new WireWriter();
                count = 0;
            }
        }
    }

    /** One execution. */
    private final class Run {
        private final DataPlan plan;
        private final Merge.Moves moves;
        private final PartitionSet partitions;
        private final StatementCall call;
        private final Value[] client;
        private final Map<PartitionId, Sets> deletes = new LinkedHashMap<>();
        private final Map<PartitionId, Sets> updates = new LinkedHashMap<>();
        private final Map<PartitionId, Sets> inserts = new LinkedHashMap<>();
        private final List<BatchProgress.DonePart> done = new ArrayList<>();
        private long rows;
        private long bytes;

        Run(DataPlan plan, Merge.Moves moves, PartitionSet partitions, StatementCall call) {
            this.plan = plan;
            this.moves = moves;
            this.partitions = partitions;
            this.call = call;
            this.client = BoundParameters.values(call.parameters());
        }

        Message run() {
            List<PartitionId> searched = choice.all(partitions, moves.found(), call.parameters(), 0);
            for (PartitionId partition : searched.stream().sorted().toList()) {
                find(partition);
            }
            int sets = (int) moves.values().stream().filter(Merge.NewValue::set).count();
            perform(moves.delete(), deletes, 1, KeysWanted.NONE);
            perform(moves.update(), updates, sets + 1, call.wishes().keys());
            perform(
                    moves.insert(),
                    inserts,
                    moves.values().size(),
                    call.wishes().keys());
            return new UpdateCounts(new long[] {rows}, List.of(), BatchKeys.merge(done));
        }

        /** Locks the partition's rows, and notes what is to be done with each. */
        private void find(PartitionId partition) {
            StatementShape of = plan.shape();
            StatementShape locking =
                    new StatementShape(of.schemaVersion(), true, false, true, false, of.parameters(), List.of());
            CompletableFuture<Message> reply = new CompletableFuture<>();
            CompletableFuture<@Nullable NodeId> asked = new CompletableFuture<>();
            new BranchExecution(leaders, call, locking, partition, (asker, leader, message) -> {
                        asked.complete(leader);
                        reply.complete(message);
                    })
                    .keys(KeysWanted.NONE)
                    .start(moves.probe().sql(), BoundParameters.bind(moves.probe(), call.parameters()), 0, false);
            Message answer = reply.join();
            NodeId leader = asked.join();
            if (!(answer instanceof RowsPage first) || leader == null) {
                throw new StatementFailedException(
                        answer instanceof Failure failure
                                ? failure
                                : Failure.of(ErrorCode.INTERNAL_ERROR, "locked rows expected, got " + answer));
            }
            try (PartitionRows found = new PartitionRows(leaders, partition, leader, first, moves.width(), 0)) {
                for (Value[] row = found.next(); row != null; row = found.next()) {
                    note(partition, row);
                    checkMemory(bytes + found.bytesRead());
                }
                bytes += found.bytesRead();
            }
        }

        private void note(PartitionId partition, Value[] row) {
            rows++;
            List<Merge.NewValue> columns = moves.values();
            Value[] after = new Value[columns.size()];
            boolean keepsPlace = true;
            boolean keepsReferences = true;
            for (int i = 0; i < after.length; i++) {
                Merge.NewValue column = columns.get(i);
                after[i] = column.probed() < 0 ? client[column.parameter()] : row[column.probed()];
                boolean checked = column.column().unique() || column.column().referenced();
                if (column.set() && checked && !isSame(row[column.before()], after[i])) {
                    keepsPlace = false;
                    keepsReferences &= !column.column().referenced();
                }
            }
            PartitionId target = partitionOf(after);
            keepsPlace |= moves.row().referenced() && keepsReferences;
            if (target.equals(partition) && keepsPlace) {
                Value[] set = new Value[updateWidth()];
                int next = 0;
                for (int i = 0; i < after.length; i++) {
                    if (columns.get(i).set()) {
                        set[next++] = after[i];
                    }
                }
                set[next] = ValueBigint.get(row[0].getLong());
                updates.computeIfAbsent(partition, p -> new Sets()).add(set);
                return;
            }
            refuseIfFollowed();
            deletes.computeIfAbsent(partition, p -> new Sets()).add(ValueBigint.get(row[0].getLong()));
            inserts.computeIfAbsent(target, p -> new Sets()).add(after);
        }

        private int updateWidth() {
            return 1 + (int) moves.values().stream().filter(Merge.NewValue::set).count();
        }

        /** The rows that refer to it would be deleted or changed with it, or stay behind. */
        private void refuseIfFollowed() {
            if (moves.row().followed()) {
                throw new StatementFailedException(
                        ErrorCode.NOT_SUPPORTED,
                        "UPDATE of partition columns of " + moves.table() + " that moves a row is not supported where a"
                                + " foreign key leads to the table with ON DELETE or ON UPDATE CASCADE, SET NULL or SET"
                                + " DEFAULT: the rows that refer to it would have to move too; INSERT the new row, then"
                                + " UPDATE those that refer to it, then DELETE the old row; nothing was changed");
            }
        }

        private PartitionId partitionOf(Value[] after) {
            WireWriter values = new WireWriter();
            for (Value value : after) {
                ValueCodec.write(value, values);
            }
            ParameterRows row = new ParameterRows(1, after.length, values.toByteArray());
            PartitionId partition = choice.one(partitions, moves.stored(), row, 0);
            if (partition == null) {
                throw new StatementFailedException(
                        ErrorCode.NOT_SUPPORTED,
                        "A row of " + moves.table() + " gets a value for its partition column that the router cannot"
                                + " convert to the column's type; give a value of that type; nothing was changed");
            }
            return partition;
        }

        private void checkMemory(long held) {
            if (held > memoryLimitBytes) {
                throw new StatementFailedException(
                        ErrorCode.LIMIT_EXCEEDED,
                        "UPDATE of partition columns of " + moves.table() + " passes more than "
                                + (memoryLimitBytes >> 20) + " MB of rows through the router; change fewer rows at once"
                                + " (a WHERE clause); nothing was changed");
            }
        }

        /** One step, in all partitions at once. */
        private void perform(String sql, Map<PartitionId, Sets> work, int width, KeysWanted keys) {
            List<CompletableFuture<Message>> asked = new ArrayList<>();
            StatementShape shape = plan.shape().notBrief();
            work.forEach((partition, sets) -> {
                sets.finish(width);
                CompletableFuture<Message> last = CompletableFuture.completedFuture(null);
                for (ParameterRows some : sets.full) {
                    last = last.thenCompose(before -> {
                        CompletableFuture<Message> reply = new CompletableFuture<>();
                        new BranchExecution(
                                        leaders,
                                        call,
                                        shape,
                                        partition,
                                        (asker, leader, message) -> reply.complete(message))
                                .keys(keys)
                                .asRows()
                                .start(sql, some, 0, true);
                        return reply;
                    });
                    asked.add(last);
                }
            });
            Failure failure = null;
            for (CompletableFuture<Message> reply : asked) {
                Failure one = failureOf(reply.join());
                failure = failure == null || (one != null && one.transactionEnded()) ? one : failure;
            }
            if (failure != null) {
                throw new StatementFailedException(failure);
            }
        }

        private @Nullable Failure failureOf(Message reply) {
            if (reply instanceof Failure failure) {
                return failure;
            }
            if (!(reply instanceof UpdateCounts counts)) {
                throw new IllegalStateException("a change was answered by " + reply);
            }
            if (!counts.failures().isEmpty()) {
                return counts.failures().get(0);
            }
            for (long count : counts.counts()) {
                if (count != 1) {
                    throw new IllegalStateException(
                            "a locked row of " + moves.table() + " was changed " + count + " times");
                }
            }
            done.add(new BatchProgress.DonePart(List.of(done.size()), counts));
            return null;
        }
    }

    /** False if the column's new value is another than the old one, or not surely the same. */
    private static boolean isSame(Value before, Value after) {
        if (before == ValueNull.INSTANCE || after == ValueNull.INSTANCE) {
            return before == after;
        }
        try {
            Value converted = after.convertTo(before.getType(), RegularMode.INSTANCE);
            return converted.compareTo(before, RegularMode.INSTANCE, CompareMode.getInstance(null, 0)) == 0;
        } catch (DbException e) {
            return false;
        }
    }
}
