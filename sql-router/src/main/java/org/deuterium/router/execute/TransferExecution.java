package org.deuterium.router.execute;

import java.util.List;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * INSERT ... SELECT whose rows pass through the router. The query has been run everywhere before the first row is
 * inserted, so it does not see what it inserts; the rows follow some at a time, in branches of one transaction. Blocks: for
 * workers only.
 */
final class TransferExecution {

    /** No name a client can give: H2's have no such character unquoted, and the router keeps quotes off. */
    private static final String STATEMENT = "\u0000transfer";

    private static final int ROWS_AT_ONCE = 1_000;

    /** Runs a query. */
    interface Reader {
        RowSource rows(RoutedPlan plan, StatementCall call);
    }

    /** Makes a change. */
    interface Writer {
        Message change(DataPlan plan, StatementCall call) throws InterruptedException;
    }

    private final PartitionLeaders leaders;
    private final Reader reader;
    private final Writer writer;

    TransferExecution(PartitionLeaders leaders, Reader reader, Writer writer) {
        this.leaders = leaders;
        this.reader = reader;
        this.writer = writer;
    }

    /** The answer: UpdateCounts, one count for each of the client's sets, or a Failure after which nothing is changed. */
    Message run(Merge.Transfer transfer, StatementCall call) throws InterruptedException {
        return AtomicStatement.run(leaders, call, STATEMENT, () -> allSets(transfer, call));
    }

    private Message allSets(Merge.Transfer transfer, StatementCall call) throws InterruptedException {
        ParameterRows sets = call.parameters();
        int[] starts = BoundParameters.valueStarts(sets);
        long[] counts = new long[sets.sets()];
        Keys keys = new Keys();
        for (int set = 0; set < counts.length; set++) {
            ParameterRows one = counts.length == 1 ? sets : BoundParameters.oneSet(sets, starts, set);
            counts[set] = one(transfer, call, one, keys);
        }
        return new UpdateCounts(counts, List.of(), keys.page());
    }

    private long one(Merge.Transfer transfer, StatementCall call, ParameterRows set, Keys keys)
            throws InterruptedException {
        StatementCall.Wishes wishes = call.wishes();
        StatementCall.Wishes ofQuery =
                new StatementCall.Wishes(ROWS_AT_ONCE, 0, wishes.timeoutMillis(), KeysWanted.NONE, true);
        RowSource rows = reader.rows(transfer.read(), call.part(set, ofQuery));
        try {
            long count = 0;
            while (true) {
                ParameterRows next = next(rows);
                if (next == null) {
                    return count;
                }
                count += insert(transfer.insert(), call.part(next, wishes), keys);
            }
        } finally {
            rows.close();
        }
    }

    private static @Nullable ParameterRows next(RowSource rows) {
        WireWriter values = new WireWriter();
        int count = 0;
        int width = 0;
        while (count < ROWS_AT_ONCE) {
            Value[] row = rows.next();
            if (row == null) {
                break;
            }
            width = row.length;
            for (Value value : row) {
                ValueCodec.write(value, values);
            }
            count++;
        }
        return count == 0 ? null : new ParameterRows(count, width, values.toByteArray());
    }

    private long insert(DataPlan plan, StatementCall part, Keys keys) throws InterruptedException {
        Message answer = writer.change(plan, part);
        if (answer instanceof Failure failure) {
            throw new StatementFailedException(failure);
        }
        UpdateCounts done = (UpdateCounts) answer;
        if (!done.failures().isEmpty()) {
            throw new StatementFailedException(done.failures().get(0));
        }
        keys.add(done.generatedKeys());
        long sum = 0;
        for (long count : done.counts()) {
            sum += count;
        }
        return sum;
    }

    /** The generated keys of all rows. */
    private static final class Keys {
        private final WireWriter rows = new WireWriter();
        private @Nullable List<ColumnDescription> columns;
        private int count;
        private boolean any;

        void add(@Nullable RowsPage page) {
            if (page != null) {
                any = true;
                columns = page.columns() == null ? columns : page.columns();
                rows.writeRaw(page.rows(), 0, page.rows().length);
                count += page.rowCount();
            }
        }

        @Nullable
        RowsPage page() {
            return any ? new RowsPage(columns, count, rows.toByteArray(), RowsPage.NO_MORE) : null;
        }
    }
}
