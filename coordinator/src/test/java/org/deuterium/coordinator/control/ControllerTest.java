package org.deuterium.coordinator.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.coordinator.zookeeper.Await;
import org.deuterium.coordinator.zookeeper.EmbeddedZooKeeper;
import org.deuterium.coordinator.zookeeper.Sessions;
import org.deuterium.coordinator.zookeeper.ZooKeeperSettings;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SilentLeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Elections and the forming of partitions, with a real ZooKeeper and nodes that hold their logs on paper. */
class ControllerTest {

    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId N3 = new NodeId("n3");
    private static final NodeId N4 = new NodeId("n4");
    private static final AtomicInteger ROOTS = new AtomicInteger();

    @TempDir
    Path directory;

    private final String root = "/test" + ROOTS.incrementAndGet();
    private final Map<NodeId, PaperNode> network = new ConcurrentHashMap<>();
    private final Map<NodeId, PaperNode.Disk> disks = new HashMap<>();
    private EmbeddedZooKeeper zooKeeper;

    @BeforeEach
    void startZooKeeper() throws Exception {
        zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        network.values().forEach(PaperNode::close);
        zooKeeper.close();
    }

    private PaperNode start(NodeId id) {
        PaperNode.Disk disk = disks.computeIfAbsent(id, node -> new PaperNode.Disk());
        return new PaperNode(
                new ZooKeeperSettings(zooKeeper.connectString(), root, Sessions.MILLIS, 30_000), id, disk, network, 3);
    }

    private void kill(NodeId id) {
        PaperNode node = network.remove(id);
        node.close();
    }

    private static PartitionState led(ClusterView view, PartitionId partition, Term after) throws Exception {
        return view.awaitLeader(partition, after, 60_000).get(90, TimeUnit.SECONDS);
    }

    @Test
    void theClusterStartsWhenEnoughNodesAreThere() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        Await.until("both are seen", () -> first.coordinator.view().nodes().size() == 2);
        assertThrows(ExecutionException.class, () -> first.coordinator
                .view()
                .awaitLeader(PartitionId.HOME, Term.NONE, 300)
                .get());
        assertNull(first.coordinator.view().partitionMap().set(PartitionSet.HOME));
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        assertEquals(new Term(1), home.term());
        assertEquals(3, home.group().replicas().size());
        home.group()
                .replicas()
                .forEach(voter ->
                        assertEquals(voter.node() + "-p0", voter.storage().value()));
        assertEquals(3, home.group().inSync().size());
    }

    @Test
    void leadersAreSpreadOneByOneUntilNobodyLeadsTooMany() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        ClusterView view = first.coordinator.view();
        led(view, PartitionId.HOME, Term.NONE);
        for (int partition = 0; partition <= 12; partition++) {
            disks.get(N1).lastIndex.put(new PartitionId(partition), new LogIndex(9)); // it wins every election now
        }
        first.coordinator.partitionSets().ensure("hash/11", 11, 3);
        Await.until("all are led by n1", () -> leadsOf(view, N1) >= 11);
        disks.get(N1).lastIndex.clear();
        Await.until(
                "12 partitions, three nodes: nobody leads more than five",
                () -> leadsOf(view, N1) == 5 && leadsOf(view, N2) + leadsOf(view, N3) == 7);
        assertTrue(Math.abs(leadsOf(view, N2) - leadsOf(view, N3)) <= 1, "from who leads most to who leads least");
    }

    private static long leadsOf(ClusterView view, NodeId node) {
        return view.partitions().stream()
                .filter(state -> node.equals(state.leader()))
                .count();
    }

    @Test
    void nobodyIsMovedAwayFromAReplicaThatIsNotThere() {
        List<PartitionState> states = new ArrayList<>();
        for (int number = 1; number <= 6; number++) {
            List<NodeId> inSync = number == 6 ? List.of(N1, N2, N3) : List.of(N1, N2);
            List<ReplicaGroup.Voter> voters = Stream.of(N1, N2, N3)
                    .map(node -> new ReplicaGroup.Voter(node, new StorageId("of-" + node)))
                    .toList();
            states.add(new PartitionState(
                    new ReplicaGroup(new PartitionId(number), new Term(1), N1, AckRule.QUORUM, voters, inSync, 1),
                    "instance"));
        }
        Map<NodeId, ClusterNode> alive = new HashMap<>();
        for (NodeId node : List.of(N1, N2, N3)) {
            alive.put(node, new ClusterNode(node, new NodeAddress("127.0.0.1", 1), "instance", 0));
        }
        LeaderSpread.Move move = LeaderSpread.due(states, alive, Set.of());
        assertEquals(new PartitionId(6), move.state().partition(), "the only one whose replicas all keep up");
        assertNull(LeaderSpread.due(states, alive, Set.of(new PartitionId(6))));
        alive.remove(N3);
        assertNull(LeaderSpread.due(states, alive, Set.of()));
        alive.put(N3, new ClusterNode(N3, new NodeAddress("127.0.0.1", 1), "instance", 0));
        assertNull(LeaderSpread.due(states.subList(4, 6), alive, Set.of()), "two of two are not more than 1 + 1");
    }

    @Test
    void theReplicaOfALostNodeIsGivenToAnother() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        ClusterView view = first.coordinator.view();
        PartitionState home = led(view, PartitionId.HOME, Term.NONE);
        NodeId lost = home.group().replicas().stream()
                .map(voter -> voter.node())
                .filter(node -> !node.equals(N1) && !node.equals(home.leader()))
                .findFirst()
                .orElseThrow();
        kill(lost);
        start(N4);
        Await.until(
                "n4 has the replica",
                () -> view.partition(PartitionId.HOME).group().hasReplica(N4));
        assertFalse(view.partition(PartitionId.HOME).group().hasReplica(lost));
        assertNull(view.partition(PartitionId.HOME).group().storageOf(N4), "it has no vote yet");
        start(lost);
        Await.until("the lost node is back", () -> view.nodes().containsKey(lost));
        assertFalse(view.partition(PartitionId.HOME).group().hasReplica(lost));
    }

    @Test
    void leadersOfANewSetAreSpread() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        PartitionSet set = first.coordinator.partitionSets().ensure("hash/8", 8, 3);
        Map<NodeId, Integer> leads = new TreeMap<>();
        for (PartitionId partition : set.partitions()) {
            leads.merge(led(first.coordinator.view(), partition, Term.NONE).leader(), 1, Integer::sum);
        }
        assertEquals(3, leads.size(), leads::toString);
        leads.values().forEach(count -> assertTrue(count >= 2 && count <= 3, leads::toString));
    }

    @Test
    void replicasOfASmallerSetAreSpread() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionSet set = first.coordinator.partitionSets().ensure("hash/6", 6, 2);
        Map<NodeId, Integer> holds = new TreeMap<>();
        for (PartitionId partition : set.partitions()) {
            led(first.coordinator.view(), partition, Term.NONE)
                    .group()
                    .replicas()
                    .forEach(voter -> holds.merge(voter.node(), 1, Integer::sum));
        }
        assertEquals(3, holds.size(), holds::toString);
        holds.values().forEach(count -> assertTrue(count >= 3 && count <= 5, holds::toString));
    }

    @Test
    void aLeaderThatIsGoneIsReplacedByTheLongestLogSoonAfterItsSessionEnds() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        NodeId leader = home.leader();
        List<NodeId> others = new ArrayList<>(List.of(N1, N2, N3));
        others.remove(leader);
        NodeId longest = others.get(1);
        disks.get(longest).lastIndex.put(PartitionId.HOME, new LogIndex(7));
        disks.get(others.get(0)).lastIndex.put(PartitionId.HOME, new LogIndex(6));
        disks.get(leader).lastIndex.put(PartitionId.HOME, new LogIndex(9));

        ClusterView survivor = network.get(longest).coordinator.view();
        CompletableFuture<Long> goneAt = new CompletableFuture<>();
        survivor.addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
                if (!nodes.containsKey(leader)) {
                    goneAt.complete(System.nanoTime());
                }
            }
        });
        kill(leader);
        PartitionState next = led(survivor, PartitionId.HOME, home.term());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - goneAt.get(60, TimeUnit.SECONDS));
        assertEquals(longest, next.leader());
        assertEquals(home.term().next(), next.term());
        System.err.println("election after the session's end: " + millis + " ms");
        assertTrue(millis < 20_000, millis + " ms"); // a tenth of a second on a machine with time
    }

    @Test
    void aLeaderThatCameBackAsAnotherProcessLeadsNoMore() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        kill(home.leader());
        start(home.leader());
        ClusterView view = network.get(home.leader()).coordinator.view();
        PartitionState next = led(view, PartitionId.HOME, home.term());
        assertTrue(home.term().isBefore(next.term()));
        assertNotEquals(home.leaderInstance(), next.leaderInstance());
    }

    @Test
    void aLeaderWhoseSessionExpiredButWhoAnswersLeadsOn() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        NodeId observer = home.leader().equals(N1) ? N2 : N1;
        ClusterView view = network.get(observer).coordinator.view();
        CompletableFuture<Void> gone = new CompletableFuture<>();
        view.addListener(new ClusterListener() {
            @Override
            public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
                if (!nodes.containsKey(home.leader())) {
                    gone.complete(null);
                }
            }
        });
        Sessions.expire(network.get(home.leader()).coordinator);
        gone.get(60, TimeUnit.SECONDS);
        Await.until("the leader has joined again", () -> view.node(home.leader()) != null);
        assertThrows(ExecutionException.class, () -> view.awaitLeader(PartitionId.HOME, home.term(), 1_000)
                .get());
        assertEquals(home.leader(), view.partition(PartitionId.HOME).leader());
    }

    @Test
    void aLeaderThatMostReplicasHearNothingOfIsReplacedAlthoughItsSessionLives() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        List<NodeId> others = new ArrayList<>(List.of(N1, N2, N3));
        others.remove(home.leader());
        disks.get(home.leader()).lastIndex.put(PartitionId.HOME, new LogIndex(100));
        SilentLeader silent = new SilentLeader(PartitionId.HOME, home.term());
        ClusterView view = first.coordinator.view();
        CompletableFuture<PartitionState> next = view.awaitLeader(PartitionId.HOME, home.term(), 60_000);
        network.values().forEach(node -> node.report(others.get(0), silent));
        network.values().forEach(node -> node.report(home.leader(), silent));
        network.values().forEach(node -> node.report(others.get(1), new SilentLeader(PartitionId.HOME, Term.NONE)));
        assertThrows(TimeoutException.class, () -> next.copy().get(500, TimeUnit.MILLISECONDS));
        Await.until("another leader", () -> {
            network.values().forEach(node -> node.report(others.get(0), silent));
            network.values().forEach(node -> node.report(others.get(1), silent));
            return next.isDone();
        });
        PartitionState after = next.get();
        assertTrue(others.contains(after.leader()), after.toString());
    }

    @Test
    void aControllerThatReachesNobodyElseGivesWay() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        NodeId cut = first.coordinator.view().controller();
        network.get(cut).cutOff = true;
        network.get(home.leader())
                .coordinator
                .view()
                .compareAndSet(home.group().withLeader(null))
                .get(60, TimeUnit.SECONDS);
        PartitionState next = led(first.coordinator.view(), PartitionId.HOME, home.term());
        assertTrue(home.term().isBefore(next.term()));
        assertNotEquals(cut, first.coordinator.view().controller());
    }

    @Test
    void aLeaderThatWritesItselfOutIsReplacedInALaterTerm() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        PaperNode leader = network.get(home.leader());
        assertEquals(
                org.deuterium.coordinator.ChangeResult.DONE,
                leader.coordinator
                        .view()
                        .compareAndSet(home.group().withLeader(null))
                        .get(60, TimeUnit.SECONDS));
        PartitionState next = led(first.coordinator.view(), PartitionId.HOME, home.term());
        assertEquals(home.term().next(), next.term());
    }

    @Test
    void withoutAMajorityNobodyLeadsUntilItIsBack() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        kill(N2);
        kill(N3);
        ClusterView view = first.coordinator.view();
        Await.until("the others are gone", () -> view.nodes().size() == 1);
        Term after = home.leader().equals(N1) ? home.term() : Term.NONE;
        Term now = view.partition(PartitionId.HOME).term();
        assertThrows(ExecutionException.class, () -> view.awaitLeader(
                        PartitionId.HOME, home.leader().equals(N1) ? after : now, 500)
                .get());
        start(N3);
        // N1 may lead on in its term; who is gone must not
        PartitionState next = led(view, PartitionId.HOME, home.leader().equals(N1) ? Term.NONE : home.term());
        assertNotEquals(N2, next.leader());
    }

    @Test
    void aVoterThatPromisedALaterTermIsOvertaken() throws Exception {
        for (NodeId id : List.of(N1, N2, N3)) {
            PaperNode.Disk disk = new PaperNode.Disk();
            disk.promised.put(PartitionId.HOME, new Term(41));
            disks.put(id, disk);
        }
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        assertTrue(new Term(41)
                .isBefore(led(first.coordinator.view(), PartitionId.HOME, Term.NONE)
                        .term()));
    }

    @Test
    void anotherDiskNeitherVotesNorLeads() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        PartitionState home = led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        NodeId leader = home.leader();
        List<NodeId> others = new ArrayList<>(List.of(N1, N2, N3));
        others.remove(leader);
        NodeId replaced = others.get(0);
        disks.get(replaced).directories.put(PartitionId.HOME, new StorageId("new disk"));
        disks.get(replaced).lastIndex.put(PartitionId.HOME, new LogIndex(100));
        ClusterView survivor = network.get(others.get(1)).coordinator.view();
        kill(leader);
        // one vote of three: nobody can be elected
        assertThrows(ExecutionException.class, () -> survivor.awaitLeader(PartitionId.HOME, home.term(), 3_000)
                .get());
        start(leader);
        PartitionState next = led(survivor, PartitionId.HOME, home.term());
        assertNotEquals(replaced, next.leader());
    }

    @Test
    void theWholeClusterComesBackWithItsOldDirectories() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        first.coordinator.partitionSets().ensure("hash/4", 4, 3);
        Map<PartitionId, PartitionState> before = new HashMap<>();
        for (int i = 0; i < 5; i++) {
            PartitionId partition = new PartitionId(i);
            before.put(partition, led(first.coordinator.view(), partition, Term.NONE));
        }
        int port = zooKeeper.port();
        zooKeeper.close();
        List.of(N1, N2, N3).forEach(this::kill);
        zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", port);
        PaperNode again = start(N1);
        start(N2);
        start(N3);
        for (PartitionState old : before.values()) {
            PartitionState now = led(again.coordinator.view(), old.partition(), old.term());
            assertEquals(old.group().replicas(), now.group().replicas());
            assertTrue(old.term().isBefore(now.term()));
        }
    }

    @Test
    void theNextControllerGoesOn() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        start(N3);
        led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        for (int round = 0; round < 3; round++) {
            NodeId controller = first.coordinator.view().controller();
            assertNotNull(controller);
            Sessions.expire(network.get(controller).coordinator);
            PartitionSet set = network.get(N2).coordinator.partitionSets().ensure("round/" + round, 2, 3);
            for (PartitionId partition : set.partitions()) {
                led(network.get(N3).coordinator.view(), partition, Term.NONE);
            }
            Await.until(
                    "there is a controller again",
                    () -> first.coordinator.view().controller() != null);
        }
    }

    @Test
    void aProposalWhoseProposerIsGoneIsDropped() throws Exception {
        PaperNode first = start(N1);
        start(N2);
        PaperNode third = start(N3);
        led(first.coordinator.view(), PartitionId.HOME, Term.NONE);
        SchemaProposal abandoned = third.coordinator.schemaLog().propose(0, "CREATE TABLE T", "", "");
        SchemaProposal[] next = new SchemaProposal[1];
        Await.until(
                "it is seen",
                () -> abandoned.equals(first.coordinator.schemaLog().proposal()));
        kill(N3);
        Await.until("the log is free again", () -> {
            next[0] = first.coordinator.schemaLog().propose(0, "CREATE TABLE U", "", "");
            return next[0] != null;
        });
        assertTrue(first.coordinator.schemaLog().decide(next[0]));
    }
}
