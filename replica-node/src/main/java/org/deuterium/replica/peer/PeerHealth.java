package org.deuterium.replica.peer;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.NodeProbed;
import org.deuterium.wire.replication.ProbeNode;

/** Which other nodes have ended, as this node's links and the other nodes' tell: {@link LostNodes} put to work. */
public final class PeerHealth {

    private final LostNodes lostNodes;

    /** @param background for work that blocks for a moment */
    public PeerHealth(NodeId self, Coordinator coordinator, PeerLinks links, Executor background) {
        lostNodes = new LostNodes(
                self,
                coordinator.view()::nodes,
                NodeProbe::isRefused,
                (node, question, confirmed) -> ask(links, node, question, confirmed),
                coordinator.membership()::expel,
                background,
                System::nanoTime);
        links.whenLost(lostNodes::suspect);
    }

    /** A witness that is gone itself never answers, but its link breaks, which fails the call. */
    private static void ask(PeerLinks links, NodeId node, ProbeNode question, Consumer<Boolean> confirmed) {
        AtomicBoolean told = new AtomicBoolean();
        links.call(node, question, new CallListener() {
            @Override
            public void onAnswer(Message answer) {
                tell(answer instanceof NodeProbed probed && probed.refused());
            }

            @Override
            public void onFailure(CallFailure failure) {
                tell(false);
            }

            private void tell(boolean refused) {
                if (told.compareAndSet(false, true)) {
                    confirmed.accept(refused);
                }
            }
        });
    }

    /** Another node asks whether a third one listens. */
    void answer(ProbeNode question, Consumer<Message> answer) {
        lostNodes.probe(question, refused -> answer.accept(new NodeProbed(refused)));
    }
}
