package org.deuterium.router.execute;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.partition.DescribeReplicas;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;

/** Leaders that answer as a test says, all on the router's own node. */
final class ScriptedLeaders {

    /** Whoever answers as it likes. */
    interface Script {
        void handle(PartitionRequest request, Consumer<Message> answer);
    }

    private ScriptedLeaders() {}

    /** The leaders of four partitions on this node. */
    static PartitionLeaders on(NodeId self, Script script) {
        FakeBoard board = new FakeBoard(self);
        board.ensure(ExecutorFixture.SET, 4, 1);
        LocalPartitions scripted = new LocalPartitions() {
            @Override
            public void handle(PartitionRequest request, Consumer<Message> answer) {
                script.handle(request, answer);
            }

            @Override
            public void ask(NodeRequest request, Consumer<Message> answer) {
                throw new AssertionError("nobody asks for " + request);
            }

            @Override
            public void describe(DescribeReplicas request, Consumer<Message> answer) {
                throw new AssertionError("nobody asks for " + request);
            }
        };
        NodeCalls nobody = (node, request, answer) -> {
            throw new AssertionError("all are led here");
        };
        return new PartitionLeaders(self, board, scripted, nobody, Runnable::run);
    }
}
