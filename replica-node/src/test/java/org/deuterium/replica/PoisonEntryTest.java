package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An entry that the databases of followers cannot take, as a bug of the leader may make one: they stand still, their logs go
 * on and vote, and one after the other gets the leader's database.
 */
@Timeout(240)
class PoisonEntryTest {

    private static final PartitionId P = PartitionId.HOME;

    @TempDir
    Path directory;

    private FakeCluster cluster;
    private NodeId leader;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        cluster.board.logKind = LogKind.ROW;
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.update(P, "INSERT INTO T VALUES(1, 0), (2, 0)");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        leader = cluster.board.awaitLeader(P);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    private List<NodeId> followers() {
        List<NodeId> others = new ArrayList<>(List.of(id(1), id(2), id(3)));
        others.remove(leader);
        return others;
    }

    /** The leader's row becomes another one without an entry; what is logged of it next fits nobody else's row. */
    private void poison() throws Exception {
        Path database = directory
                .resolve(leader.name())
                .resolve("partitions")
                .resolve(P.toString())
                .resolve("replica");
        try (Connection connection = DriverManager.getConnection("jdbc:h2:checked:" + database, "SA", "");
                Statement statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate("UPDATE T SET V = 41 WHERE ID = 1"));
        }
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
    }

    private String roleOf(NodeId node) {
        return cluster.statuses(node).replicas().get(0).role();
    }

    private boolean isStuck(NodeId node) {
        return roleOf(node).contains("STUCK after ") && roleOf(node).contains("it asks its leader");
    }

    @Test
    void theFollowersOfOneGetItsDatabaseOneAfterTheOther() throws Exception {
        ReplicaGroup before = cluster.board.current(P);
        List<NodeId> pieces = new CopyOnWriteArrayList<>();
        cluster.arrives = (to, message) -> {
            if (message instanceof SnapshotChunk) {
                pieces.add(to);
            }
            return !(message instanceof SnapshotRequest);
        };
        poison();
        for (NodeId follower : followers()) {
            FakeCluster.awaitThat(follower + " is stuck", () -> isStuck(follower));
            assertTrue(roleOf(follower).contains("ROWS"), roleOf(follower));
        }
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 2"); // two logs out of three, but one database
        assertEquals(1, cluster.number(P, "SELECT V FROM T WHERE ID = 2"));
        assertEquals(List.of(), pieces);
        cluster.arrives = (to, message) -> {
            if (message instanceof SnapshotChunk) {
                pieces.add(to);
            }
            return true;
        };
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(42, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        ReplicaGroup after = cluster.board.current(P);
        assertEquals(before.replicas(), after.replicas(), "nobody has lost its vote");
        assertEquals(before.term(), after.term(), "nobody had to be elected");
        int turns = 1;
        for (int i = 1; i < pieces.size(); i++) {
            turns += pieces.get(i).equals(pieces.get(i - 1)) ? 0 : 1;
        }
        assertEquals(2, turns, "one after the other: " + pieces);
        for (NodeId follower : followers()) {
            FakeCluster.awaitThat("an ordinary follower", () -> roleOf(follower).equals("FOLLOWER"));
        }
    }

    /** With the leader goes the only database that is well: the others elect, serve nobody, and follow it when it is back. */
    @Test
    void theLeaderIsAwayMeanwhile() throws Exception {
        cluster.arrives = (to, message) -> !(message instanceof SnapshotRequest);
        poison();
        for (NodeId follower : followers()) {
            FakeCluster.awaitThat(follower + " is stuck", () -> isStuck(follower));
        }
        FakeCluster.Node away = cluster.cutOff(leader);
        cluster.arrives = (to, message) -> true;
        FakeCluster.awaitThat("another leader", () -> {
            NodeId next = cluster.board.current(P).leader();
            return next != null && !next.equals(leader);
        });
        cluster.reconnect(leader, away);
        FakeCluster.awaitThat(
                "the one that is well leads",
                () -> leader.equals(cluster.board.current(P).leader()));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(42, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }
}
