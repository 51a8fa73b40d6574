package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.deuterium.replica.host.DutiesFactory;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.replica.host.NodeHost;
import org.deuterium.replica.log.LogDirectory;
import org.deuterium.replica.service.PartitionService;
import org.deuterium.transport.EventLoops;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.DescribeDigests;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.ReplicaDigests;
import org.deuterium.wire.partition.ReplicaStatuses;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;

/** Three nodes in one process: real logs, real H2 files, links that are method calls. */
final class FakeCluster implements AutoCloseable {

    static final long ORIGIN = 4711;
    private static final long WAIT_SECONDS = 60;

    final FakeBoard board = new FakeBoard();
    private final Path root;
    private final HostSettings settings;
    private final Map<NodeId, Node> nodes = new ConcurrentHashMap<>();

    /** Those that are cut off, too. */
    private final Set<Node> running = ConcurrentHashMap.newKeySet();

    private final AtomicLong lastTransaction = new AtomicLong();

    /** Every message between nodes, by its receiver, is shown to this; what it says no to is lost. */
    volatile BiPredicate<NodeId, Message> arrives = (to, message) -> true;

    /** Followers whose questions to their leaders are not lost. */
    volatile Predicate<NodeId> asksLeader = node -> true;

    /** How long statements wait for locks: longer than a machine stands still, unless a test is about giving up. */
    volatile int lockTimeoutMillis = 20_000;

    /** What stands between the hosts of the nodes that are started from now on, and the services. */
    BiFunction<NodeId, DutiesFactory, DutiesFactory> duties = (node, service) -> service;

    /** One running node. */
    record Node(LogDirectory directory, NodeHost host, PartitionService service, EventLoops loop) {}

    FakeCluster(Path root, HostSettings settings) {
        this.root = root;
        this.settings = settings;
    }

    static NodeId id(int number) {
        return new NodeId("n" + number);
    }

    void start(int number) throws Exception {
        NodeId node = id(number);
        LogDirectory directory = LogDirectory.open(root.resolve(node.name()), node, "test");
        PartitionService service = new PartitionService(
                node, (request, answer) -> askAgain(request, answer, 500), board, (request, answer) -> {
                    if (nodes.containsKey(node) && asksLeader.test(node)) {
                        askLeader(request, answer);
                    } else {
                        answer.accept(Failure.of(ErrorCode.CONNECTION_BROKEN, node + " is cut off"));
                    }
                });
        EventLoops loop = new EventLoops("deuterium-node-loop-" + node, 1);
        NodeHost host;
        try {
            host = NodeHost.open(
                    node,
                    directory,
                    settings,
                    board.of(node),
                    (to, message) -> {
                        Node target = nodes.get(to);
                        if (target != null && nodes.containsKey(node) && arrives.test(to, message)) {
                            target.host.onPeerMessage(node, message);
                        }
                    },
                    duties.apply(node, service),
                    loop,
                    cause -> {
                        throw new AssertionError(cause);
                    });
        } catch (IOException e) {
            service.close();
            loop.close();
            directory.close();
            throw e;
        }
        Node started = new Node(directory, host, service, loop);
        running.add(started);
        nodes.put(node, started);
        board.joined(node, host);
    }

    /** Takes a node off the network and off the board, then stops it. */
    void stop(NodeId node) throws Exception {
        close(cutOff(node));
    }

    private void close(Node gone) throws Exception {
        gone.host.close();
        gone.service.close();
        gone.loop.close();
        gone.directory.close();
        running.remove(gone);
    }

    /** Takes a node off the network and off the board; it runs on without knowing. */
    Node cutOff(NodeId node) {
        Node gone = nodes.remove(node);
        assertNotNull(gone);
        board.gone(node);
        return gone;
    }

    /** Stops a node that was cut off. */
    void stopCutOff(NodeId node) throws Exception {
        for (Node each : List.copyOf(running)) {
            if (each.host.node().equals(node)) {
                close(each);
            }
        }
    }

    /** A node that was cut off is reached again. */
    void reconnect(NodeId id, Node node) {
        nodes.put(id, node);
        board.joined(id, node.host);
    }

    Node node(NodeId id) {
        Node node = nodes.get(id);
        assertNotNull(node, id + " is not running");
        return node;
    }

    TransactionId newTransaction() {
        return new TransactionId(ORIGIN, lastTransaction.incrementAndGet());
    }

    void createPartition(PartitionId partition) throws Exception {
        board.create(partition, List.of(id(1), id(2), id(3)));
        board.awaitLeader(partition);
    }

    /** Decides a schema change and waits until the partition's leader has it. */
    void schema(PartitionId partition, String sql) throws Exception {
        long version = board.decide(sql);
        nodes.values().forEach(node -> node.service.schemaLogChanged());
        Message answer = ask(new AwaitSchema(partition, version));
        assertInstanceOf(Done.class, answer, () -> sql + ": " + answer);
    }

    /** Nobody serves now, and surely nothing was done: routers ask again. */
    private static boolean isByNobody(Message reply) {
        return reply instanceof Failure failure
                && switch (failure.error()) {
                    case NOT_LEADER, NO_LEADER, NOT_READY, NO_LEASE -> true;
                    default -> false;
                };
    }

    /** As leaders ask each other: again while nobody serves, without holding a thread. */
    void askAgain(PartitionRequest request, Consumer<Message> answer, int tries) {
        askLeader(request, reply -> {
            if (isByNobody(reply) && tries > 0) {
                CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS)
                        .execute(() -> askAgain(request, answer, tries - 1));
            } else {
                answer.accept(reply);
            }
        });
    }

    private void askLeader(PartitionRequest request, Consumer<Message> answer) {
        ReplicaGroup group = board.current(request.partition());
        NodeId leader = group == null ? null : group.leader();
        Node node = leader == null ? null : nodes.get(leader);
        if (node == null) {
            answer.accept(Failure.of(ErrorCode.NO_LEADER, "no leader"));
        } else {
            node.service.handle(request, answer);
        }
    }

    /** Asks the leader, again while there is none that serves. */
    Message ask(PartitionRequest request) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (true) {
            CompletableFuture<Message> answer = new CompletableFuture<>();
            askLeader(request, answer::complete);
            Message message = answer.get(WAIT_SECONDS, TimeUnit.SECONDS);
            if (!isByNobody(message) || System.nanoTime() > deadline) {
                return message;
            }
            TimeUnit.MILLISECONDS.sleep(5); // a client's pause between two tries
        }
    }

    ExecuteInBranch statement(
            PartitionId partition, TransactionId transaction, boolean begins, boolean ends, String sql) {
        return new ExecuteInBranch(
                partition,
                board.decidedVersion(),
                transaction,
                begins,
                ends,
                true,
                new SessionContext("PUBLIC", "UTC", lockTimeoutMillis),
                sql,
                ParameterRows.NONE,
                100,
                0,
                0,
                KeysWanted.NONE,
                false);
    }

    Message autocommit(PartitionId partition, String sql) throws Exception {
        return ask(statement(partition, newTransaction(), true, true, sql));
    }

    /** As a client does it: a statement that surely did nothing, because leader or in-sync set changed, is run again. */
    void update(PartitionId partition, String sql) throws Exception {
        Message answer = askUntilDone(() -> autocommit(partition, sql));
        assertInstanceOf(UpdateCounts.class, answer, () -> sql + ": " + answer);
    }

    /** Something that is asked for once more if it came to nothing. */
    interface Question {
        Message ask() throws Exception;
    }

    static Message askUntilDone(Question question) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        Message answer = question.ask();
        while (cameToNothing(answer) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(5); // a client's pause between two tries
            answer = question.ask();
        }
        return answer;
    }

    private static boolean cameToNothing(Message answer) {
        return answer instanceof Failure failure
                && (failure.error() == ErrorCode.TRANSACTION_ROLLED_BACK
                        || failure.error() == ErrorCode.TOO_FEW_IN_SYNC
                        || failure.error() == ErrorCode.LIMIT_EXCEEDED);
    }

    Message inBranch(PartitionId partition, TransactionId transaction, boolean begins, String sql) throws Exception {
        return ask(statement(partition, transaction, begins, false, sql));
    }

    Message end(PartitionId partition, TransactionId transaction, boolean commit) throws Exception {
        return ask(new EndBranch(partition, transaction, commit));
    }

    /** The one BIGINT a query gives. */
    long number(PartitionId partition, String sql) throws Exception {
        Message answer = autocommit(partition, "SELECT CAST((" + sql + ") AS BIGINT)");
        RowsPage page = assertInstanceOf(RowsPage.class, answer, () -> sql + ": " + answer);
        assertEquals(1, page.rowCount());
        WireReader in = new WireReader(page.rows());
        in.readByte();
        return in.readZLong();
    }

    /** Waits until these nodes show the same rows at the same index. */
    void awaitEqualReplicas(PartitionId partition, NodeId... ids) throws Exception {
        awaitThat("equal replicas of " + partition, () -> {
            Map<NodeId, ReplicaDigests> digests = new TreeMap<>();
            for (NodeId id : ids) {
                CompletableFuture<Message> answer = new CompletableFuture<>();
                node(id).service.describe(new DescribeDigests(partition), answer::complete);
                if (answer.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join() instanceof ReplicaDigests found) {
                    digests.put(id, found);
                }
            }
            return digests.size() == ids.length
                    && digests.values().stream().distinct().count() == 1
                    && digests.values().stream().noneMatch(d -> d.tables().isEmpty());
        });
    }

    ReplicaStatuses statuses(NodeId node) {
        CompletableFuture<ReplicaStatuses> answer = new CompletableFuture<>();
        node(node).host.describe(answer::complete);
        return answer.orTimeout(WAIT_SECONDS, TimeUnit.SECONDS).join();
    }

    /** Asks again and again until the answer is yes. */
    static void awaitThat(String what, BooleanSupplier question) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        while (!question.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not seen in " + WAIT_SECONDS + " s: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20); // between two looks
        }
    }

    @Override
    public void close() throws Exception {
        nodes.clear();
        for (Node node : List.copyOf(running)) {
            close(node);
        }
        board.close();
    }
}
