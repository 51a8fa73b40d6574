package org.deuterium.server.node;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.control.Controller;
import org.deuterium.coordinator.control.ControllerSettings;
import org.deuterium.coordinator.zookeeper.ZooKeeperCoordinator;
import org.deuterium.replica.ReplicaNode;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.log.LogDirectory;
import org.deuterium.replica.log.WrongDirectoryException;
import org.deuterium.router.execute.PeerConnections;
import org.deuterium.router.session.Router;
import org.deuterium.router.session.RouterSettings;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageServer;
import org.deuterium.transport.TransportSettings;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.client.ClientMessages;
import org.deuterium.wire.partition.PartitionMessages;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.replication.PeerMessages;
import org.deuterium.wire.replication.ReplicationMessages;
import org.deuterium.wire.statement.StatementMessages;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node, put together: its place on the board, its replicas, its router and its door. Everything is made in the
 * order in which it depends on each other, and closed in the opposite one.
 */
public final class NodeProcess implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);

    private static final MessageCodec CODEC = new MessageCodec(List.of(
            new StatementMessages(),
            new ClientMessages(),
            new PartitionMessages(),
            new PeerMessages(),
            new ReplicationMessages()));

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private @Nullable NodeAddress address;
    private @Nullable ReplicaNode replicas;

    private NodeProcess() {}

    /**
     * Starts a node; it takes part in the cluster when this returns, and serves clients.
     *
     * @param onFatal is told when the log could not be written: the process must end, at once
     * @throws IOException with one line that says what is in the way and what to do
     */
    public static NodeProcess start(NodeSettings settings, Consumer<Exception> onFatal) throws IOException {
        NodeProcess node = new NodeProcess();
        try {
            node.assemble(settings, onFatal);
            return node;
        } catch (WrongDirectoryException | CoordinatorException | SQLException e) {
            node.close();
            throw new IOException(e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            node.close();
            throw e;
        }
    }

    private void assemble(NodeSettings settings, Consumer<Exception> onFatal)
            throws IOException, WrongDirectoryException, SQLException {
        // The port first: it is the cheapest thing to find out about.
        TransportSettings transport = TransportSettings.defaults();
        EventLoops nodeLoop = own(new EventLoops("deuterium-node-loop-" + settings.id(), 1));
        EventLoops loops = own(new EventLoops("deuterium-net", transport.eventLoopThreads()));
        FrontDoor door = new FrontDoor();
        MessageServer server = own(MessageServer.listen(
                loops, settings.listen().host(), settings.listen().port(), CODEC, transport, door));
        address = server.address();

        // The board, and the directory that binds this node to its cluster.
        Coordinator coordinator = own(ZooKeeperCoordinator.connect(settings.zooKeeper()));
        LogDirectory directory = register(settings, server.address(), coordinator);
        String clusterId = coordinator.view().clusterId();

        // Replicas; other nodes may come in at once, for the first thing a partition does is to call.
        PeerHello hello = new PeerHello(clusterId, settings.id(), server.address());
        OtherLeaders otherLeaders = new OtherLeaders();
        ReplicaNode replicaNode = own(ReplicaNode.start(
                directory,
                hostSettings(settings),
                coordinator,
                hello,
                nodeLoop,
                CODEC,
                transport,
                otherLeaders,
                cause -> logFailed(cause, onFatal)));
        replicas = replicaNode;
        door.openFor(replicaNode);

        // The controller, present on every node and acting on the elected one.
        Controller controller =
                own(Controller.start(coordinator, replicaNode.promises(), controllerSettings(settings)));
        replicaNode.service().nodeRemoval(controller::giveUp);
        replicaNode.health().reportsTo(controller::onSilentLeader);

        // The router, and with it the clients.
        PeerConnections calls = own(new PeerConnections(coordinator.view(), hello, loops, CODEC, transport));
        Router router = own(new Router(
                settings.id(),
                coordinator.view(),
                coordinator.schemaLog(),
                coordinator.partitionSets(),
                new OwnPartitions(replicaNode),
                calls,
                routerSettings(settings)));
        otherLeaders.by(router.leaders());
        replicaNode.service().router(new RouterView(router, settings.id(), coordinator.view()));
        door.openFor(router.sessions());

        // Leaving the board comes first when the node stops, so that others take over at once.
        own(coordinator.membership()::unregister);
        LOG.info("node {} of cluster {} listens on {}", settings.id(), clusterId, server.address());
    }

    private static HostSettings hostSettings(NodeSettings settings) {
        return HostSettings.DEFAULT.withStorage(
                HostSettings.DEFAULT.storage().withRetainedMillis(settings.retainedMillis()));
    }

    private static ControllerSettings controllerSettings(NodeSettings settings) {
        return ControllerSettings.ofHomeReplicas(settings.replicas())
                .withReplaceAfterMillis(settings.replaceAfterMillis())
                .withSpreadMillis(settings.spreadMillis());
    }

    private static RouterSettings routerSettings(NodeSettings settings) {
        return RouterSettings.defaults()
                .withDefaultReplicas(settings.replicas())
                .withIdleTransactionMillis(settings.idleTransactionMillis());
    }

    /** Takes this node's place on the board, and the directory that belongs to it: in a new cluster, a new one. */
    private LogDirectory register(NodeSettings settings, NodeAddress listening, Coordinator coordinator)
            throws IOException, WrongDirectoryException {
        String clusterOfData = LogDirectory.clusterOf(settings.data());
        LogDirectory found =
                clusterOfData == null ? null : own(LogDirectory.open(settings.data(), settings.id(), clusterOfData));
        coordinator.membership().register(settings.id(), listening, clusterOfData);
        String clusterId = coordinator.view().clusterId();
        return found != null ? found : own(LogDirectory.open(settings.data(), settings.id(), clusterId));
    }

    private static void logFailed(Exception cause, Consumer<Exception> onFatal) {
        LOG.error("the log cannot be written; this node ends", cause);
        onFatal.accept(cause);
    }

    private <T extends AutoCloseable> T own(T part) {
        parts.push(part);
        return part;
    }

    /** Where the node listens. */
    public NodeAddress address() {
        if (address == null) {
            throw new IllegalStateException("the node was not started");
        }
        return address;
    }

    /** The replicas of this node, for drills: to hold one back. */
    public ReplicaNode replicas() {
        if (replicas == null) {
            throw new IllegalStateException("the node was not started");
        }
        return replicas;
    }

    /** Leaves the cluster, so that others take over at once, and stops every part; a second call does nothing. */
    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            AutoCloseable part = parts.pop();
            try {
                part.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                // The other parts are to be closed all the same.
                LOG.warn("{} did not stop in good order", part.getClass().getSimpleName(), e);
            }
        }
    }
}
