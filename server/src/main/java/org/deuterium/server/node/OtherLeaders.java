package org.deuterium.server.node;

import java.util.function.Consumer;
import org.deuterium.replica.service.LeaderCalls;
import org.deuterium.router.execute.PartitionLeaders;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** How leaders on this node ask the leaders of other partitions: the way routers take. */
final class OtherLeaders implements LeaderCalls {

    private volatile @Nullable PartitionLeaders leaders;

    /** The router is made after the replicas; until then there is no way. */
    void by(PartitionLeaders way) {
        leaders = way;
    }

    @Override
    public void ask(PartitionRequest request, Consumer<Message> answer) {
        PartitionLeaders way = leaders;
        if (way == null) {
            answer.accept(Failure.of(ErrorCode.NOT_READY, "This node is starting; try again"));
        } else {
            way.callLeader(request, true, answer);
        }
    }
}
