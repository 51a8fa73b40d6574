package org.deuterium.server.node;

import java.util.function.Consumer;
import org.deuterium.replica.service.SequenceBlockSource;
import org.deuterium.router.execute.PartitionLeaders;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** How leaders on this node get sequence values from the home partition's leader: the way routers take. */
final class HomeSequences implements SequenceBlockSource {

    private volatile @Nullable PartitionLeaders leaders;

    /** The router is made after the replicas; until then there is no way. */
    void by(PartitionLeaders way) {
        leaders = way;
    }

    @Override
    public void reserve(ReserveSequence request, Consumer<Message> answer) {
        PartitionLeaders way = leaders;
        if (way == null) {
            answer.accept(Failure.of(ErrorCode.NOT_READY, "This node is starting; try again"));
        } else {
            // Asked twice it reserves twice: values are skipped, never given to two.
            way.callLeader(request, true, answer);
        }
    }
}
