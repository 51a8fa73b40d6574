package org.deuterium.replica.peer;

import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.replica.host.NodeHost;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.NodeProbed;
import org.deuterium.wire.replication.ProbeNode;
import org.deuterium.wire.replication.SilentLeader;

/**
 * What this node sees of the health of others, and whom it tells: processes that have ended ({@link LostNodes}), and
 * leaders its followers hear nothing of, of which it tells the controller.
 */
public final class PeerHealth implements AutoCloseable {

    private static final int REPORT_MILLIS = 500;

    private final NodeId self;
    private final ClusterView view;
    private final PeerLinks links;
    private final LostNodes lostNodes;
    private final ScheduledExecutorService reporter;
    private volatile BiConsumer<NodeId, SilentLeader> controller = (from, report) -> {};

    public PeerHealth(NodeId self, Coordinator coordinator, NodeHost host, PeerLinks links) {
        this.self = self;
        this.view = coordinator.view();
        this.links = links;
        this.reporter = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "deuterium-health-" + self.name());
            thread.setDaemon(true);
            return thread;
        });
        lostNodes = new LostNodes(
                self,
                coordinator.view()::nodes,
                NodeProbe::isRefused,
                (node, question, confirmed) -> ask(links, node, question, confirmed),
                coordinator.membership()::expel,
                host.background(),
                System::nanoTime);
        links.whenLost(lostNodes::suspect);
        reporter.scheduleWithFixedDelay(
                () -> host.silentLeaders(this::report), REPORT_MILLIS, REPORT_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Where reports go if the controller is in this process. */
    public void reportsTo(BiConsumer<NodeId, SilentLeader> local) {
        controller = local;
    }

    private void report(List<SilentLeader> silent) {
        NodeId elected = silent.isEmpty() ? null : view.controller();
        if (elected != null) {
            for (SilentLeader leader : silent) {
                if (elected.equals(self)) {
                    onReport(self, leader);
                } else {
                    links.send(elected, leader);
                }
            }
        }
    }

    /** A follower, here or elsewhere, hears nothing of its leader. */
    void onReport(NodeId from, SilentLeader leader) {
        controller.accept(from, leader);
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

    @Override
    public void close() {
        reporter.shutdownNow();
    }
}
