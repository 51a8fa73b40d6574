package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas whose log holds statements: they stay equal, and one that has parted gets another database. */
class StatementEntriesTest {

    private static final PartitionId P = PartitionId.HOME;

    @TempDir
    Path directory;

    private FakeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        cluster.board.logKind = LogKind.STATEMENT;
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL, TS TIMESTAMP)");
        cluster.update(P, "INSERT INTO T VALUES(1, 0, NULL), (2, 0, NULL)");
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void statementsAreReplicatedAndTheirKindIsChangedOnline() throws Exception {
        cluster.update(P, "UPDATE T SET V = V + 1, TS = CURRENT_TIMESTAMP WHERE ID IN (1, 2)");
        Failure refused = assertInstanceOf(Failure.class, cluster.autocommit(P, "UPDATE T SET V = V + 1"));
        assertEquals(ErrorCode.NOT_REPEATABLE, refused.error());
        cluster.board.logKind = LogKind.MIXED;
        cluster.update(P, "UPDATE T SET V = V + 1");
        assertEquals(4, cluster.number(P, "SELECT SUM(V) FROM T"));
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
    }

    @Test
    void aFollowerThatHasPartedGetsAnotherDatabase() throws Exception {
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        NodeId leader = cluster.board.awaitLeader(P);
        NodeId parted = List.of(id(1), id(2), id(3)).stream()
                .filter(node -> !node.equals(leader))
                .findFirst()
                .orElseThrow();
        StorageId before = cluster.board.current(P).storageOf(parted);
        changeBehindTheLog(parted);
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(1, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        assertEquals(before, cluster.board.current(P).storageOf(parted), "its log is good, and votes");
    }

    /** What a damaged disk could do: another value in a row, without an entry of the log. */
    private void changeBehindTheLog(NodeId node) throws Exception {
        Path file;
        try (Stream<Path> files = Files.walk(directory.resolve(node.name()))) {
            file = files.filter(path -> path.endsWith("replica.mv.db"))
                    .findFirst()
                    .orElseThrow();
        }
        String url = "jdbc:h2:checked:" + file.toString().replace(".mv.db", "");
        try (Connection connection = DriverManager.getConnection(url, "SA", "");
                Statement statement = connection.createStatement()) {
            assertEquals(1, statement.executeUpdate("UPDATE T SET V = 41 WHERE ID = 1"));
        }
    }
}
