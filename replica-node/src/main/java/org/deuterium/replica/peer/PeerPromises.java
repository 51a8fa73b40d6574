package org.deuterium.replica.peer;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.control.PromiseCollector;
import org.deuterium.replica.host.NodeHost;
import org.deuterium.replica.service.LeaderCalls;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.replication.NodeProbed;
import org.deuterium.wire.replication.ProbeNode;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplaceReplica;
import org.deuterium.wire.statement.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The controller's way to the voters: over this node's links, and to its own replicas directly. */
public final class PeerPromises implements PromiseCollector {

    private static final Logger LOG = LoggerFactory.getLogger(PeerPromises.class);

    /** Open transactions may take so long to end; then they are rolled back. */
    private static final int HAND_OVER_MILLIS = 3_000;

    private final NodeId self;
    private final NodeHost host;
    private final PeerLinks links;
    private final LeaderCalls leaders;

    public PeerPromises(NodeId self, NodeHost host, PeerLinks links, LeaderCalls leaders) {
        this.self = self;
        this.host = host;
        this.links = links;
        this.leaders = leaders;
    }

    @Override
    public void askToReplace(ClusterNode leader, PartitionId partition, NodeId lost, NodeId fresh) {
        ReplaceReplica wish = new ReplaceReplica(partition, lost, fresh);
        if (leader.id().equals(self)) {
            host.onPeerMessage(self, wish);
        } else {
            links.send(leader.id(), wish);
        }
    }

    @Override
    public void askToHandOver(PartitionId partition, NodeId to) {
        leaders.ask(new TransferLeader(partition, to, HAND_OVER_MILLIS), answer -> {
            if (answer instanceof Failure failure) {
                LOG.info("{} was not handed over to {}: {}", partition, to, failure.message());
            }
        });
    }

    @Override
    public void ask(PromiseRequest request, List<ClusterNode> voters, BiConsumer<NodeId, Promise> answers) {
        for (ClusterNode voter : voters) {
            NodeId node = voter.id();
            if (node.equals(self)) {
                host.onPromiseRequest(self, request, promise -> answers.accept(node, promise));
            } else {
                links.call(node, request, new CallListener() {
                    @Override
                    public void onAnswer(Message answer) {
                        if (answer instanceof Promise promise) {
                            answers.accept(node, promise);
                        } else {
                            LOG.warn("{} answered {} to {}", node, answer, request);
                        }
                    }

                    @Override
                    public void onFailure(CallFailure failure) {
                        LOG.debug("no promise of {} for {}: {}", node, request.partition(), failure.message());
                    }
                });
            }
        }
    }

    @Override
    public void ifAnswers(NodeId node, String instance, Consumer<Boolean> answer) {
        if (node.equals(self)) {
            answer.accept(true);
            return;
        }
        links.call(node, new ProbeNode(node, instance), new CallListener() {
            @Override
            public void onAnswer(Message message) {
                answer.accept(message instanceof NodeProbed);
            }

            @Override
            public void onFailure(CallFailure failure) {
                answer.accept(false);
            }
        });
    }
}
