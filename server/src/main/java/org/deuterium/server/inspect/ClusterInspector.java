package org.deuterium.server.inspect;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.zookeeper.ZooKeeperCoordinator;
import org.deuterium.coordinator.zookeeper.ZooKeeperSettings;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageClient;
import org.deuterium.transport.MessageConnection;
import org.deuterium.transport.TransportSettings;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.partition.DescribeDigests;
import org.deuterium.wire.partition.PartitionMessages;
import org.deuterium.wire.partition.ReplicaDigests;
import org.deuterium.wire.partition.ReplicaDigests.TableDigest;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.replication.PeerMessages;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.StatementMessages;
import org.jspecify.annotations.Nullable;

/** Reads the board, and asks every node for digests of its replicas. It greets nodes as a peer, but hosts nothing. */
public final class ClusterInspector implements AutoCloseable {

    private static final long ANSWER_SECONDS = 30;
    private static final long LEADER_MILLIS = 10_000;
    private static final long PAUSE_MILLIS = 200;

    private final Coordinator coordinator;
    private final ClusterView view;
    private final EventLoops loops = new EventLoops("inspector", 1);
    private final TransportSettings settings = TransportSettings.defaults();
    private final MessageCodec codec =
            new MessageCodec(List.of(new StatementMessages(), new PartitionMessages(), new PeerMessages()));
    private final Map<NodeAddress, MessageClient> clients = new ConcurrentHashMap<>();

    /**
     * What comparing all replicas gave.
     *
     * @param rows of all tables of all partitions, counted once
     * @param differences one line each; empty: all replicas are equal
     */
    public record Comparison(int partitions, int replicas, long rows, List<String> differences) {}

    private ClusterInspector(Coordinator coordinator) {
        this.coordinator = coordinator;
        this.view = coordinator.view();
    }

    /** @param zooKeeper host:port,host:port */
    public static ClusterInspector open(String zooKeeper) {
        return new ClusterInspector(ZooKeeperCoordinator.connect(ZooKeeperSettings.of(zooKeeper)));
    }

    /** The node that leads a partition, waiting a little if there is none at the moment. */
    public NodeId leaderOf(PartitionId partition) throws IOException, InterruptedException {
        PartitionState state = get(view.awaitLeader(partition, Term.NONE, LEADER_MILLIS), "a leader of " + partition);
        NodeId leader = state.group().leader();
        if (leader == null) {
            throw new IOException("partition " + partition + " has no leader");
        }
        return leader;
    }

    /** The term of every partition. */
    public TreeMap<PartitionId, Long> terms() {
        TreeMap<PartitionId, Long> terms = new TreeMap<>();
        view.partitions()
                .forEach(state -> terms.put(state.partition(), state.term().number()));
        return terms;
    }

    /**
     * Waits until all replicas of every partition have applied the same entries, and compares all their rows. The load
     * must have ended.
     */
    public Comparison compareReplicas(long patienceSeconds) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patienceSeconds);
        List<String> differences = new ArrayList<>();
        Collection<PartitionState> partitions = view.partitions();
        int replicas = 0;
        long rows = 0;
        for (PartitionState partition : partitions) {
            PartitionId id = partition.group().partition();
            Map<NodeId, ReplicaDigests> digests = digestsAtOneIndex(id, deadline, differences);
            replicas += digests.size();
            rows += compare(id, digests, differences);
        }
        return new Comparison(partitions.size(), replicas, rows, differences);
    }

    private Map<NodeId, ReplicaDigests> digestsAtOneIndex(PartitionId id, long deadline, List<String> differences)
            throws IOException, InterruptedException {
        while (true) {
            Map<NodeId, ReplicaDigests> digests = new TreeMap<>();
            Map<NodeId, LogIndex> applied = new TreeMap<>();
            String missing = "";
            PartitionState state = view.partition(id);
            if (state == null) {
                throw new IOException("partition " + id + " is no longer on the board");
            }
            for (ReplicaGroup.Voter voter : state.group().replicas()) {
                ClusterNode node = view.node(voter.node());
                Message answer = node == null ? null : askQuietly(node.address(), new DescribeDigests(id));
                if (answer instanceof ReplicaDigests found) {
                    digests.put(voter.node(), found);
                    applied.put(voter.node(), found.appliedIndex());
                } else {
                    missing = " (no answer from " + voter.node() + ": " + answer + ")";
                }
            }
            if (missing.isEmpty() && applied.values().stream().distinct().count() == 1) {
                return digests;
            }
            if (System.nanoTime() > deadline) {
                differences.add("partition " + id + ": its replicas did not reach one index: " + applied + missing);
                return digests;
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private static long compare(PartitionId id, Map<NodeId, ReplicaDigests> digests, List<String> differences) {
        NodeId reference = null;
        Map<String, TableDigest> expected = Map.of();
        long rows = 0;
        for (Map.Entry<NodeId, ReplicaDigests> replica : digests.entrySet()) {
            Map<String, TableDigest> tables = new TreeMap<>();
            replica.getValue().tables().forEach(table -> tables.put(table.table(), table));
            if (reference == null) {
                reference = replica.getKey();
                expected = tables;
                rows = tables.values().stream().mapToLong(TableDigest::rows).sum();
            } else if (!tables.equals(expected)) {
                differences.add("partition " + id + ": " + reference + " holds " + expected.values() + ", "
                        + replica.getKey() + " holds " + tables.values());
            }
        }
        return rows;
    }

    private @Nullable Message askQuietly(NodeAddress address, Message request) throws InterruptedException {
        try {
            return ask(address, request);
        } catch (IOException e) {
            // The node may be starting; the caller asks again until its patience ends, and then says who was silent.
            clients.remove(address);
            return null;
        }
    }

    private Message ask(NodeAddress address, Message request) throws IOException, InterruptedException {
        MessageClient client = clients.get(address);
        if (client == null) {
            client = get(MessageClient.connect(loops, address, codec, settings, new Silent()), "a connection");
            PeerHello hello = new PeerHello(view.clusterId(), new NodeId("inspector"), new NodeAddress("inspector", 0));
            if (call(client, hello) instanceof Failure refused) {
                client.close();
                throw new IOException(address + " refused the inspector: " + refused.message());
            }
            clients.put(address, client);
        }
        return call(client, request);
    }

    private static Message call(MessageClient client, Message request) throws IOException, InterruptedException {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        client.call(request, new CallListener() {
            @Override
            public void onAnswer(Message message) {
                answer.complete(message);
            }

            @Override
            public void onFailure(CallFailure failure) {
                answer.completeExceptionally(new IOException(failure.message()));
            }
        });
        return get(answer, "an answer of " + client.address());
    }

    private static <T> T get(CompletableFuture<T> future, String what) throws IOException, InterruptedException {
        try {
            return future.get(ANSWER_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("could not get " + what + ": " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IOException("did not get " + what + " within " + ANSWER_SECONDS + " s", e);
        }
    }

    @Override
    public void close() {
        clients.values().forEach(MessageClient::close);
        loops.close();
        coordinator.close();
    }

    /** Nobody says anything to an inspector unasked, and a lost connection shows at the next question. */
    private static final class Silent implements ConnectionHandler {

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {}

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {}
    }
}
