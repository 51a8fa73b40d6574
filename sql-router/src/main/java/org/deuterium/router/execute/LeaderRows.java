package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.CloseBranchCursor;
import org.deuterium.wire.partition.FetchFromBranch;

/** The rest of a result that one leader holds; pages pass through the router untouched. */
record LeaderRows(PartitionLeaders leaders, PartitionId partition, NodeId leader, long cursor) implements OpenRows {

    @Override
    public void fetch(int count, Consumer<Message> answer) {
        leaders.call(leader, new FetchFromBranch(partition, cursor, count), answer);
    }

    @Override
    public void close() {
        leaders.call(leader, new CloseBranchCursor(partition, cursor), ignored -> {});
    }
}
