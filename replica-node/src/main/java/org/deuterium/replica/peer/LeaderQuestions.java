package org.deuterium.replica.peer;

import java.util.function.Consumer;
import java.util.function.Function;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.replica.service.LeaderPositionSource;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** The followers' way to their leaders: over this node's links, to whom the board names. */
public final class LeaderQuestions implements LeaderPositionSource {

    private final NodeId self;
    private final Function<PartitionId, @Nullable PartitionState> board;
    private final PeerLinks links;

    public LeaderQuestions(NodeId self, Function<PartitionId, @Nullable PartitionState> board, PeerLinks links) {
        this.self = self;
        this.board = board;
        this.links = links;
    }

    @Override
    public void ask(AskPosition request, Consumer<Message> answer) {
        PartitionState state = board.apply(request.partition());
        NodeId leader = state == null ? null : state.leader();
        if (leader == null || leader.equals(self)) {
            answer.accept(Failure.of(
                    ErrorCode.NO_LEADER, "Partition " + request.partition() + " has no leader to ask at the moment"));
            return;
        }
        links.call(leader, request, new CallListener() {
            @Override
            public void onAnswer(Message message) {
                answer.accept(message);
            }

            @Override
            public void onFailure(CallFailure failure) {
                answer.accept(Failure.of(ErrorCode.CONNECTION_BROKEN, "Node " + leader + ": " + failure.message()));
            }
        });
    }
}
