package org.deuterium.replica.peer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ProbeNode;
import org.junit.jupiter.api.Test;

/** When nodes that nobody can connect to are taken off the board, and when they are not. */
class LostNodesTest {

    private static final NodeId SELF = new NodeId("n1");
    private static final NodeId TARGET = new NodeId("n2");
    private static final NodeId WITNESS = new NodeId("n3");

    private final Map<NodeId, ClusterNode> alive = new TreeMap<>();
    private final List<String> events = new ArrayList<>();
    private boolean refused = true;
    private boolean confirmed = true;
    private long now;
    private final LostNodes lostNodes = new LostNodes(
            SELF,
            () -> alive,
            address -> {
                events.add("look at " + address.host());
                return refused;
            },
            (node, question, answer) -> {
                events.add("ask " + node);
                answer.accept(confirmed);
            },
            ended -> events.add("expel " + ended.instance()),
            Runnable::run,
            () -> now);

    private void live(NodeId node, String instance) {
        alive.put(node, new ClusterNode(node, new NodeAddress(node.name(), 1), instance, 0));
    }

    private void lose(String... expected) {
        events.clear();
        lostNodes.suspect(TARGET);
        assertEquals(List.of(expected), events);
    }

    private void later(long millis) {
        now += millis * 1_000_000;
    }

    @Test
    void whatThisNodeAndASecondOneFindGoneIsTakenOffTheBoard() {
        live(SELF, "a");
        live(TARGET, "b");
        live(WITNESS, "c");
        lose("look at n2", "ask n3", "expel b");
    }

    @Test
    void whatStillListensStays() {
        live(SELF, "a");
        live(TARGET, "b");
        live(WITNESS, "c");
        refused = false;
        lose("look at n2");
    }

    @Test
    void whatOnlyThisNodeCannotReachStays() {
        live(SELF, "a");
        live(TARGET, "b");
        live(WITNESS, "c");
        confirmed = false;
        lose("look at n2", "ask n3");
    }

    @Test
    void withoutASecondNodeThisOnesLookCounts() {
        live(SELF, "a");
        live(TARGET, "b");
        lose("look at n2", "expel b");
    }

    @Test
    void whoIsNotOnTheBoardIsNobodysConcern() {
        live(SELF, "a");
        lose();
        events.clear();
        lostNodes.suspect(SELF);
        assertEquals(List.of(), events);
    }

    @Test
    void falseAlarmsOfOneProcessBecomeRarer_thoseOfItsNextProcessBeginAnew() {
        live(SELF, "a");
        live(TARGET, "b");
        lose("look at n2", "expel b");
        lose();
        later(LostNodes.FIRST_PAUSE_MILLIS);
        lose("look at n2", "expel b");
        later(LostNodes.FIRST_PAUSE_MILLIS);
        lose();
        later(LostNodes.FIRST_PAUSE_MILLIS);
        lose("look at n2", "expel b");
        live(TARGET, "b2");
        lose("look at n2", "expel b2");
        int looks = 0;
        for (int second = 0; second < 3_600; second++) {
            later(1_000);
            events.clear();
            lostNodes.suspect(TARGET);
            looks += events.isEmpty() ? 0 : 1;
        }
        assertTrue(looks < 70, looks + " looks an hour");
    }

    private boolean probe(NodeId node, String instance) {
        List<Boolean> answers = new ArrayList<>();
        lostNodes.probe(new ProbeNode(node, instance), answers::add);
        assertEquals(1, answers.size());
        return answers.get(0);
    }

    @Test
    void aWitnessSaysNothingAboutOtherProcesses() {
        live(SELF, "a");
        live(TARGET, "b");
        assertTrue(probe(TARGET, "b"));
        assertFalse(probe(TARGET, "b2"));
        assertFalse(probe(WITNESS, "c"));
        assertFalse(probe(SELF, "a"));
        refused = false;
        assertFalse(probe(TARGET, "b"));
    }

    @Test
    void onlyAPortWhereNobodyListensRefuses() throws Exception {
        int port;
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            port = listening.getLocalPort();
            assertFalse(NodeProbe.isRefused(new NodeAddress("127.0.0.1", port)));
        }
        assertTrue(NodeProbe.isRefused(new NodeAddress("127.0.0.1", port)));
        assertFalse(NodeProbe.isRefused(new NodeAddress("no-such-host.invalid", port)));
    }
}
