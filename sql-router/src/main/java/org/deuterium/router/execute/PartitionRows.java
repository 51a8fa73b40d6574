package org.deuterium.router.execute;

import java.util.concurrent.CompletableFuture;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.CloseBranchCursor;
import org.deuterium.wire.partition.FetchFromBranch;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** One partition's rows of a result, fetched from its leader page by page. */
final class PartitionRows implements RowSource {

    private final PartitionLeaders leaders;
    private final PartitionId partition;
    private final NodeId leader;
    private final int width;
    private final int fetchSize;
    private long cursor;
    private WireReader page;
    private int leftInPage;
    private long bytesRead;

    /**
     * @param leader the node that answered the first page
     * @param width columns of a row, hidden ones included
     * @param fetchSize rows to ask for at once, 0 lets the leader choose
     */
    PartitionRows(
            PartitionLeaders leaders, PartitionId partition, NodeId leader, RowsPage first, int width, int fetchSize) {
        this.leaders = leaders;
        this.partition = partition;
        this.leader = leader;
        this.width = width;
        this.fetchSize = fetchSize;
        this.page = new WireReader(first.rows());
        this.leftInPage = first.rowCount();
        this.cursor = first.cursor();
        this.bytesRead = first.rows().length;
    }

    @Override
    public Value @Nullable [] next() {
        while (leftInPage == 0) {
            if (cursor == RowsPage.NO_MORE) {
                return null;
            }
            fetch();
        }
        leftInPage--;
        Value[] row = new Value[width];
        for (int i = 0; i < width; i++) {
            row[i] = ValueCodec.read(page);
        }
        return row;
    }

    /** How much the rows read until now took on the wire. */
    long bytesRead() {
        return bytesRead;
    }

    private void fetch() {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        leaders.call(leader, new FetchFromBranch(partition, cursor, fetchSize), reply::complete);
        Message answer = reply.join();
        if (answer instanceof RowsPage next) {
            page = new WireReader(next.rows());
            leftInPage = next.rowCount();
            cursor = next.cursor();
            bytesRead += next.rows().length;
            return;
        }
        cursor = RowsPage.NO_MORE;
        throw new StatementFailedException(
                answer instanceof Failure failure
                        ? failure
                        : Failure.of(ErrorCode.INTERNAL_ERROR, "rows of " + partition + " expected, got " + answer));
    }

    @Override
    public void close() {
        leftInPage = 0;
        if (cursor != RowsPage.NO_MORE) {
            long open = cursor;
            cursor = RowsPage.NO_MORE;
            leaders.call(leader, new CloseBranchCursor(partition, open), ignored -> {});
        }
    }
}
