package org.deuterium.coordinator.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.LeaderElection;
import org.deuterium.coordinator.Leadership;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.ReplicaGroup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The board's promises, kept by a real ZooKeeper. */
class ZooKeeperCoordinatorTest {

    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeAddress HERE = new NodeAddress("127.0.0.1", 7077);
    private static final AtomicInteger ROOTS = new AtomicInteger();

    @TempDir
    static Path directory;

    static EmbeddedZooKeeper zooKeeper;

    private final String root = "/test" + ROOTS.incrementAndGet();
    private final List<ZooKeeperCoordinator> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
    }

    @AfterAll
    static void stop() {
        zooKeeper.close();
    }

    @AfterEach
    void closeAll() {
        open.forEach(ZooKeeperCoordinator::close);
    }

    private ZooKeeperCoordinator connect() {
        ZooKeeperCoordinator coordinator = ZooKeeperCoordinator.connect(
                new ZooKeeperSettings(zooKeeper.connectString(), root, Sessions.MILLIS, 30_000));
        open.add(coordinator);
        return coordinator;
    }

    private ZooKeeperCoordinator connectAs(NodeId id) {
        ZooKeeperCoordinator coordinator = connect();
        coordinator.membership().register(id, HERE, null);
        return coordinator;
    }

    /** Keeps who was elected until a test asks. */
    private static final class Winners implements LeaderElection.Candidate {

        final BlockingQueue<Leadership> elected = new LinkedBlockingQueue<>();
        final BlockingQueue<Leadership> deposed = new LinkedBlockingQueue<>();

        @Override
        public void onElected(Leadership leadership) {
            elected.add(leadership);
        }

        @Override
        public void onDeposed(Leadership leadership) {
            deposed.add(leadership);
        }

        Leadership next() throws InterruptedException {
            Leadership leadership = elected.poll(60, TimeUnit.SECONDS);
            assertNotNull(leadership, "nobody was elected within 60 s");
            return leadership;
        }
    }

    @Test
    void nodesSeeEachOtherComeAndGo() throws Exception {
        ZooKeeperCoordinator first = connectAs(N1);
        ZooKeeperCoordinator second = connect();
        ClusterNode registered = second.membership().register(N2, new NodeAddress("host2", 1), null);
        Await.until("both nodes are seen", () -> first.view().nodes().size() == 2);
        assertEquals(registered, first.view().node(N2));
        assertEquals(first.view().clusterId(), second.view().clusterId());
        second.membership().unregister();
        Await.until("n2 is gone", () -> first.view().nodes().keySet().equals(Set.of(N1)));
        assertEquals(List.of(N1, N2), List.copyOf(first.view().knownNodes()));
    }

    @Test
    void aSecondProcessWithTheSameNameIsRefused() {
        connectAs(N1);
        ZooKeeperCoordinator second = connect();
        CoordinatorException e = assertThrows(
                CoordinatorException.class, () -> second.membership().register(N1, HERE, null));
        assertTrue(e.getMessage().contains("node n1 is running already, at 127.0.0.1:7077"), e.getMessage());
    }

    @Test
    void aNameIsFreeAgainOnceTheSessionOfItsKilledOwnerEnds() throws Exception {
        ZooKeeperCoordinator killed = connectAs(N1);
        ZooKeeperCoordinator next = connect();
        CompletableFuture<ClusterNode> registering =
                CompletableFuture.supplyAsync(() -> next.membership().register(N1, HERE, null));
        killed.close();
        String instance = registering.get(60, TimeUnit.SECONDS).instance();
        assertNotEquals(((ZooKeeperClusterView) killed.view()).instance(), instance);
    }

    @Test
    void aProcessThatHasEndedIsTakenOffTheBoardBeforeItsSessionEnds() throws Exception {
        ZooKeeperCoordinator watcher = connectAs(N2);
        ZooKeeperCoordinator ended = connect();
        ClusterNode old = ended.membership().register(N1, HERE, null);
        Winners winners = new Winners();
        ended.controllerElection().join(winners);
        Term term = winners.next().term();
        Await.until(
                "n1 is seen",
                () -> watcher.view().node(N1) != null
                        && N1.equals(watcher.view().controller()));
        Winners next = new Winners();
        watcher.controllerElection().join(next);
        List<Set<NodeId>> seen = new CopyOnWriteArrayList<>();
        watcher.view().addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
                seen.add(Set.copyOf(nodes.keySet()));
            }
        });
        watcher.membership().expel(old);
        assertTrue(term.isBefore(next.next().term()), "the controller's place is free at once");
        // This process has not ended, though: it comes back by itself.
        Await.until(
                "n1 went and came back",
                () -> seen.contains(Set.of(N2)) && old.equals(watcher.view().node(N1)));
    }

    @Test
    void anotherProcessOfTheSameNodeStays() throws Exception {
        ZooKeeperCoordinator watcher = connectAs(N2);
        ClusterNode now = connect().membership().register(N1, HERE, null);
        Await.until("n1 is seen", () -> watcher.view().node(N1) != null);
        AtomicInteger changes = new AtomicInteger();
        watcher.view().addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
                changes.incrementAndGet();
            }
        });
        watcher.membership().expel(new ClusterNode(N1, HERE, "the process before", 1));
        watcher.membership().expel(new ClusterNode(new NodeId("n3"), HERE, "was never there", 1));
        connectAs(new NodeId("n4"));
        Await.until("the next change is seen", () -> watcher.view().nodes().size() == 3);
        assertEquals(1, changes.get());
        assertEquals(now, watcher.view().node(N1));
    }

    @Test
    void dataOfAnotherClusterIsRefused() {
        ZooKeeperCoordinator empty = connect();
        CoordinatorException e = assertThrows(
                CoordinatorException.class, () -> empty.membership().register(N1, HERE, "old-cluster"));
        assertTrue(e.getMessage().contains("holds no cluster under " + root), e.getMessage());
        assertThrows(CoordinatorException.class, () -> empty.view().clusterId());
        connectAs(N2);
        e = assertThrows(CoordinatorException.class, () -> empty.membership().register(N1, HERE, "old-cluster"));
        assertTrue(e.getMessage().contains("belongs to cluster old-cluster"), e.getMessage());
        String id = empty.view().clusterId();
        empty.membership().register(N1, HERE, id);
    }

    @Test
    void anUnreachableZooKeeperIsSaidInTime() {
        long start = System.nanoTime();
        CoordinatorException e = assertThrows(
                CoordinatorException.class,
                () -> ZooKeeperCoordinator.connect(new ZooKeeperSettings("127.0.0.1:1", root, 1_000, 700)));
        assertTrue(e.getMessage().contains("ZooKeeper at 127.0.0.1:1 did not answer within 700 ms"), e.getMessage());
        assertTrue(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) < 30_000);
    }

    @Test
    void aNodeWhoseSessionExpiredJoinsAgain() throws Exception {
        ZooKeeperCoordinator watcher = connect();
        ZooKeeperCoordinator node = connectAs(N1);
        Await.until("n1 is seen", () -> watcher.view().node(N1) != null);
        CompletableFuture<Void> gone = new CompletableFuture<>();
        CompletableFuture<Void> lost = new CompletableFuture<>();
        watcher.view().addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
                if (nodes.isEmpty()) {
                    gone.complete(null);
                }
            }
        });
        node.view().addListener(new ClusterListener() {
            @Override
            public void onSessionLost() {
                lost.complete(null);
            }
        });
        ClusterNode before = node.view().node(N1);
        Sessions.expire(node);
        gone.get(60, TimeUnit.SECONDS);
        lost.get(60, TimeUnit.SECONDS);
        Await.until("n1 is back", () -> watcher.view().node(N1) != null);
        assertEquals(before, watcher.view().node(N1));
        Await.until("n1 sees itself again", () -> node.view().node(N1) != null);
    }

    @Test
    void compareAndSetIsDoneOnceAndLostAfterwards() throws Exception {
        ZooKeeperCoordinator node = connectAs(N1);
        Winners winners = new Winners();
        node.controllerElection().join(winners);
        Leadership controller = winners.next();
        PartitionId p = new PartitionId(3);
        assertEquals(
                ChangeResult.DONE,
                controller.create(PartitionState.unformed(p, List.of(N1, N2))).get());
        assertEquals(
                ChangeResult.LOST,
                controller.create(PartitionState.unformed(p, List.of(N1))).get());
        Await.until("p3 is seen", () -> node.view().partition(p) != null);
        ReplicaGroup seen = node.view().partition(p).group();
        ReplicaGroup changed = seen.withInSync(List.of(N2, N1));
        assertEquals(ChangeResult.DONE, node.view().compareAndSet(changed).get());
        assertEquals(ChangeResult.LOST, node.view().compareAndSet(changed).get());
        assertEquals(
                ChangeResult.LOST,
                node.view().compareAndSet(seen.withInSync(List.of())).get());
        assertEquals(changed, node.view().read(p).get(60, TimeUnit.SECONDS).group());
        Await.until(
                "the view follows",
                () -> changed.equals(node.view().partition(p).group()));
        ExecutionException e = assertThrows(
                ExecutionException.class,
                () -> node.view().read(new PartitionId(4)).get(60, TimeUnit.SECONDS));
        assertTrue(e.getCause().getMessage().contains("no partition p4"));
    }

    @Test
    void changesThatMayHaveArrivedAreUnknown() throws Exception {
        ZooKeeperCoordinator node = connectAs(N1);
        node.curator().getZookeeperClient().getZooKeeper().close();
        ReplicaGroup group =
                PartitionState.unformed(PartitionId.HOME, List.of(N1)).group().withNextTerm();
        assertEquals(ChangeResult.UNKNOWN, node.view().compareAndSet(group).get(60, TimeUnit.SECONDS));
    }

    @Test
    void awaitLeaderSeesOnlyLivingLeadersOfLaterTerms() throws Exception {
        ZooKeeperCoordinator node = connectAs(N1);
        Winners winners = new Winners();
        node.controllerElection().join(winners);
        Leadership controller = winners.next();
        PartitionId p = new PartitionId(0);
        PartitionState state = PartitionState.unformed(p, List.of(N1));
        controller.create(state).get();
        ExecutionException none = assertThrows(
                ExecutionException.class,
                () -> node.view().awaitLeader(p, Term.NONE, 50).get(60, TimeUnit.SECONDS));
        assertTrue(none.getCause() instanceof CoordinatorException, String.valueOf(none.getCause()));
        assertTrue(none.getCause().getMessage().contains("p0 has had no leader for 50 ms"));

        CompletableFuture<PartitionState> waiting = node.view().awaitLeader(p, Term.NONE, 60_000);
        ReplicaGroup raised = state.group().withNextTerm();
        assertEquals(
                ChangeResult.DONE,
                controller.compareAndSet(new PartitionState(raised, "")).get());
        ReplicaGroup dead = raised.withLeader(N1);
        assertEquals(
                ChangeResult.DONE,
                controller
                        .compareAndSet(new PartitionState(dead, "old process"))
                        .get());
        String instance = node.view().node(N1).instance();
        assertEquals(
                ChangeResult.DONE,
                controller
                        .compareAndSet(new PartitionState(dead.withLeader(N1), instance))
                        .get());
        PartitionState led = waiting.get(60, TimeUnit.SECONDS);
        assertEquals(instance, led.leaderInstance());
        assertThrows(
                ExecutionException.class,
                () -> node.view().awaitLeader(p, led.term(), 50).get(60, TimeUnit.SECONDS));
    }

    @Test
    void aDeposedControllerChangesNothing() throws Exception {
        ZooKeeperCoordinator first = connectAs(N1);
        Winners firstWinners = new Winners();
        first.controllerElection().join(firstWinners);
        Leadership old = firstWinners.next();
        PartitionState state = PartitionState.unformed(PartitionId.HOME, List.of(N1, N2));
        assertEquals(ChangeResult.DONE, old.create(state).get());

        ZooKeeperCoordinator second = connectAs(N2);
        Winners secondWinners = new Winners();
        second.controllerElection().join(secondWinners);
        first.controllerElection().leave();
        Leadership fresh = secondWinners.next();
        assertTrue(old.term().isBefore(fresh.term()));

        PartitionState raised = new PartitionState(state.group().withNextTerm(), "");
        assertEquals(ChangeResult.LOST, old.compareAndSet(raised).get());
        assertEquals(
                ChangeResult.LOST,
                old.create(PartitionState.unformed(new PartitionId(1), List.of(N1)))
                        .get());
        assertEquals(ChangeResult.DONE, fresh.compareAndSet(raised).get());
    }

    @Test
    void aControllerWhoseSessionExpiredIsDeposedAndReplaced() throws Exception {
        ZooKeeperCoordinator first = connectAs(N1);
        Winners firstWinners = new Winners();
        first.controllerElection().join(firstWinners);
        Leadership old = firstWinners.next();
        ZooKeeperCoordinator second = connectAs(N2);
        Winners secondWinners = new Winners();
        second.controllerElection().join(secondWinners);
        Await.until("n1 is known as controller", () -> N1.equals(second.view().controller()));
        second.controllerElection().leave();
        Sessions.expire(first);
        assertEquals(old, firstWinners.deposed.poll(60, TimeUnit.SECONDS));
        Leadership again = firstWinners.next();
        assertEquals(old.term().next(), again.term());
        assertEquals(
                ChangeResult.LOST,
                old.create(PartitionState.unformed(PartitionId.HOME, List.of(N1)))
                        .get());
    }

    @Test
    void schemaChangesAreOrderedOneProposalAtATime() throws Exception {
        ZooKeeperCoordinator first = connectAs(N1);
        ZooKeeperCoordinator second = connectAs(N2);
        SchemaProposal one = first.schemaLog().propose(0, "CREATE TABLE A", "CREATE TABLE A()", "{\"set\":\"home\"}");
        assertNotNull(one);
        assertNull(second.schemaLog().propose(0, "B", "B", "{}"));
        assertTrue(first.schemaLog().decide(one));
        assertTrue(first.schemaLog().decide(one), "deciding again finds it decided");
        assertEquals(1, first.schemaLog().version());
        assertNull(second.schemaLog().propose(0, "B", "B", "{}"), "the log has gone on");
        SchemaProposal two = second.schemaLog().propose(1, "B", "B", "{}");
        assertNotNull(two);
        Await.until("the proposal is seen", () -> two.equals(first.schemaLog().proposal()));
        first.schemaLog().drop(two);
        assertFalse(second.schemaLog().decide(two));
        SchemaProposal three = second.schemaLog().propose(1, "C", "C'", "{}");
        assertNotNull(three);
        assertTrue(second.schemaLog().decide(three));
        Await.until("both are at 2", () -> first.schemaLog().version() == 2);
        List<SchemaChange> all = List.of(
                new SchemaChange(1, "CREATE TABLE A", "CREATE TABLE A()", "{\"set\":\"home\"}"),
                new SchemaChange(2, "C", "C'", "{}"));
        assertEquals(all, first.schemaLog().changesAfter(0));
        assertEquals(all.subList(1, 2), first.schemaLog().changesAfter(1));
        assertEquals(List.of(), first.schemaLog().changesAfter(2));
        assertEquals(all, connect().schemaLog().changesAfter(0), "a late comer reads everything");
    }

    @Test
    void theRulesOfASetAreChangedForEverybody() throws Exception {
        ZooKeeperCoordinator first = connectAs(N1);
        ZooKeeperCoordinator second = connectAs(N2);
        first.partitionSets().ensure("hash/2", 2, 1, AckRule.ASYNC, LogKind.ROW);
        assertEquals(
                AckRule.ASYNC,
                second.partitionSets().ensure("hash/2", 2, 1).ackRule(),
                "one that is there keeps its own");
        PartitionSet changed = second.partitionSets().change("hash/2", set -> set.withLogKind(LogKind.STATEMENT));
        assertEquals(changed, second.view().partitionMap().set("hash/2"));
        first.partitionSets().change("hash/2", set -> set.withAckRule(AckRule.sync(2)));
        PartitionSet both = changed.withAckRule(AckRule.sync(2));
        Await.until(
                "both changes are seen",
                () -> both.equals(second.view().partitionMap().set("hash/2")));
        assertEquals(both, connect().view().partitionMap().set("hash/2"));
        assertThrows(CoordinatorException.class, () -> first.partitionSets().change("nothing", set -> set));
    }

    @Test
    void aDecidedVersionIsReadableWhenItIsTold() throws Exception {
        ZooKeeperCoordinator writer = connectAs(N1);
        ZooKeeperCoordinator reader = connectAs(N2);
        BlockingQueue<List<SchemaChange>> told = new LinkedBlockingQueue<>();
        reader.view().addListener(new ClusterListener() {
            @Override
            public void onSchemaDecided(long version) {
                told.add(reader.schemaLog().changesAfter(version - 1));
            }
        });
        for (int i = 0; i < 20; i++) {
            SchemaProposal proposal = writer.schemaLog().propose(i, "change " + i, "", "");
            assertNotNull(proposal);
            assertTrue(writer.schemaLog().decide(proposal));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals(List.of(new SchemaChange(i + 1, "change " + i, "", "")), told.poll(60, TimeUnit.SECONDS));
        }
    }

    @Test
    void largeSchemaChangesFitAndTooLargeOnesAreRefused() {
        ZooKeeperCoordinator node = connectAs(N1);
        SchemaProposal large = node.schemaLog().propose(0, "x".repeat(400_000), "x".repeat(400_000), "{}");
        assertNotNull(large);
        assertTrue(node.schemaLog().decide(large));
        CoordinatorException e = assertThrows(
                CoordinatorException.class, () -> node.schemaLog().propose(1, "x".repeat(1_000_000), "", ""));
        assertTrue(e.getMessage().contains("at most 921600 bytes"), e.getMessage());
        assertNotNull(node.schemaLog().propose(1, "small", "", ""));
    }

    @Test
    void partitionSetsAreMadeOnceWhoeverAsks() throws Exception {
        List<ZooKeeperCoordinator> nodes = List.of(connect(), connect(), connect());
        Map<PartitionSet, Boolean> seen = new ConcurrentHashMap<>();
        List<Thread> threads = new ArrayList<>();
        for (ZooKeeperCoordinator node : nodes) {
            Thread thread = new Thread(() -> {
                for (String name : List.of("home", "hash/8", "hash/4")) {
                    seen.put(node.partitionSets().ensure(name, name.equals("home") ? 1 : 8, 3), true);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(3, seen.size());
        assertEquals(17, nodes.get(0).view().partitionMap().nextPartition());
        assertEquals(
                List.of(PartitionId.HOME),
                nodes.get(1).view().partitionMap().set("home").partitions());
        CoordinatorException e = assertThrows(
                CoordinatorException.class, () -> nodes.get(0).partitionSets().ensure("home", 2, 3));
        assertTrue(e.getMessage().contains("has 1 partitions of 3 replicas, not 2 of 3"), e.getMessage());
    }

    @Test
    void storagesAreRegisteredAndReplaced() throws Exception {
        ZooKeeperCoordinator node = connectAs(N1);
        Winners winners = new Winners();
        node.controllerElection().join(winners);
        winners.next()
                .create(PartitionState.unformed(PartitionId.HOME, List.of(N1)))
                .get();
        for (String id : List.of("disk-a", "disk-a", "disk-b")) {
            node.membership().registerStorage(PartitionId.HOME, new StorageId(id));
            Await.until(id + " is seen", () -> Map.of(N1, new StorageId(id))
                    .equals(node.view().registeredStorages(PartitionId.HOME)));
        }
    }
}
