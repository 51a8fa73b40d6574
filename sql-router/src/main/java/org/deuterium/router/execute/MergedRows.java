package org.deuterium.router.execute;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A result that the router puts together, given out page by page. */
final class MergedRows implements OpenRows {

    private static final Logger LOG = LoggerFactory.getLogger(MergedRows.class);

    private static final int DEFAULT_PAGE_ROWS = 1_000;

    /** A page ends early when it is this large, so that wide rows neither fill a frame nor the memory. */
    private static final int PAGE_BYTES = 1 << 20;

    /** Says that there is more; the session puts its own number in its place. */
    private static final long MORE = 1;

    private final RowSource source;
    private final Executor workers;
    private Value @Nullable [] ahead;

    MergedRows(RowSource source, Executor workers) {
        this.source = source;
        this.workers = workers;
    }

    /** Blocks while partitions are asked for rows; the source is closed if this fails. */
    RowsPage page(int count, @Nullable List<ColumnDescription> columns) {
        int most = count == 0 ? DEFAULT_PAGE_ROWS : count;
        WireWriter out = new WireWriter(4096);
        int rows = 0;
        try {
            Value[] row = ahead == null ? source.next() : ahead;
            while (row != null && rows < most && out.size() < PAGE_BYTES) {
                for (Value value : row) {
                    ValueCodec.write(value, out);
                }
                rows++;
                row = source.next();
            }
            ahead = row;
        } catch (RuntimeException e) {
            source.close();
            throw e;
        }
        if (ahead == null) {
            source.close();
        }
        return new RowsPage(columns, rows, out.toByteArray(), ahead == null ? RowsPage.NO_MORE : MORE);
    }

    @Override
    public void fetch(int count, Consumer<Message> answer) {
        workers.execute(() -> {
            Message page;
            try {
                page = page(count, null);
            } catch (StatementFailedException e) {
                page = e.failure();
            } catch (RuntimeException e) {
                LOG.error("merging the rows of several partitions failed", e);
                page = Failure.of(ErrorCode.INTERNAL_ERROR, "merging the rows of several partitions failed: " + e);
            }
            answer.accept(page);
        });
    }

    @Override
    public void close() {
        source.close();
    }
}
