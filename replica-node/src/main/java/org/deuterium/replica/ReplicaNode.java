package org.deuterium.replica;

import java.io.IOException;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.control.PromiseCollector;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.host.NodeHost;
import org.deuterium.replica.log.FatalLogFailure;
import org.deuterium.replica.log.LogDirectory;
import org.deuterium.replica.peer.LeaderQuestions;
import org.deuterium.replica.peer.PeerHealth;
import org.deuterium.replica.peer.PeerLinks;
import org.deuterium.replica.peer.PeerPromises;
import org.deuterium.replica.peer.PeerReceiver;
import org.deuterium.replica.service.LeaderCalls;
import org.deuterium.replica.service.PartitionService;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageConnection;
import org.deuterium.transport.TransportSettings;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.replication.ReplicaGroup;

/**
 * The replicas of one node with everything they need, put together. The node must have registered with the coordinator
 * before; the server accepts connections and hands those of other nodes to {@link #welcome}.
 */
public final class ReplicaNode implements AutoCloseable {

    private final EventLoops nodeLoop;
    private final String clusterId;
    private final Coordinator coordinator;
    private final CoordinatedBoard board;
    private final PartitionService service;
    private final PeerLinks links;
    private final NodeHost host;
    private final PeerHealth health;
    private final PromiseCollector promises;
    private final String instance;
    private final ClusterListener listener = new Listener();

    private ReplicaNode(
            LogDirectory directory,
            HostSettings settings,
            Coordinator coordinator,
            PeerHello self,
            EventLoops nodeLoop,
            MessageCodec codec,
            TransportSettings transport,
            LeaderCalls leaders,
            FatalLogFailure fatal)
            throws IOException {
        this.nodeLoop = nodeLoop;
        this.clusterId = self.clusterId();
        this.coordinator = coordinator;
        this.board = new CoordinatedBoard(coordinator);
        this.links = new PeerLinks(coordinator.view()::node, self, nodeLoop, codec, transport);
        this.service = new PartitionService(
                self.node(), leaders, board, new LeaderQuestions(self.node(), coordinator.view()::partition, links));
        this.host = NodeHost.open(self.node(), directory, settings, board, links, service, nodeLoop, fatal);
        this.health = new PeerHealth(self.node(), coordinator, host, links);
        this.promises = new PeerPromises(self.node(), host, links, leaders);
        this.instance = instanceOf(self.node(), coordinator);
        board.readBackTo(this::onPartition);
        coordinator.view().addListener(listener);
        coordinator.view().partitions().forEach(this::onPartition);
    }

    private static String instanceOf(NodeId self, Coordinator coordinator) {
        ClusterNode registered = coordinator.view().node(self);
        if (registered == null) {
            throw new IllegalStateException("node " + self + " has not registered on the board");
        }
        return registered.instance();
    }

    /**
     * Tells the host. A leadership that an earlier process of this node was given is not ours: what that process had
     * sent and not fsynced may be in followers' logs, so this one must not write in the same term. Nobody leads then
     * until the next election.
     */
    private void onPartition(PartitionState state) {
        ReplicaGroup group = state.group();
        if (host.node().equals(group.leader()) && !instance.equals(state.leaderInstance())) {
            group = group.seenWithoutLeader();
        }
        host.onGroup(group);
    }

    /**
     * Opens what is in the directory and begins to follow the board.
     *
     * @param self how this node introduces itself to others
     * @param nodeLoop a single event loop, which becomes the node loop. It is closed by the caller, after the server whose
     *     connections have moved to it: a connection cannot be closed once its loop has ended
     * @param codec understands client, statement, partition, peer and replication messages
     * @param leaders the way to the leaders of partitions, wherever they are
     * @param fatal ends the process when the log cannot be written
     * @throws IOException if the data cannot be read
     */
    public static ReplicaNode start(
            LogDirectory directory,
            HostSettings settings,
            Coordinator coordinator,
            PeerHello self,
            EventLoops nodeLoop,
            MessageCodec codec,
            TransportSettings transport,
            LeaderCalls leaders,
            FatalLogFailure fatal)
            throws IOException {
        return new ReplicaNode(directory, settings, coordinator, self, nodeLoop, codec, transport, leaders, fatal);
    }

    /** What routers ask of the leaders here. */
    public PartitionService service() {
        return service;
    }

    public NodeHost host() {
        return host;
    }

    /** The way of a controller on this node to the voters of a partition. */
    public PromiseCollector promises() {
        return promises;
    }

    /** What this node sees of the health of others. */
    public PeerHealth health() {
        return health;
    }

    /** Takes over a connection of another node, which began with its greeting. */
    public void welcome(MessageConnection connection, int correlation, PeerHello hello) {
        PeerReceiver.welcome(connection, correlation, hello, clusterId, host, service, health, nodeLoop);
    }

    /** Stops in good order: no more client work, a last checkpoint of every database. */
    @Override
    public void close() throws IOException {
        coordinator.view().removeListener(listener);
        health.close();
        host.close();
        service.close();
        links.close();
        board.close();
    }

    /** Brings changes of the board to the host and the leaders. */
    private final class Listener implements ClusterListener {

        @Override
        public void onPartitionChanged(PartitionState state) {
            onPartition(state);
        }

        @Override
        public void onSchemaDecided(long version) {
            service.schemaLogChanged();
        }

        @Override
        public void onSchemaProposal() {
            service.schemaLogChanged();
        }
    }
}
