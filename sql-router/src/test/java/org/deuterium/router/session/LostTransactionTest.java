package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.execute.Eventually;
import org.deuterium.router.execute.ExecutorFixture;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.client.EndTransaction;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A transaction that lost one of its branches is never gone silently: the statement that finds out says so, whatever its own
 * part in the other partitions came to. Else the client would go on in a new transaction, and hear of a commit of both.
 */
class LostTransactionTest {

    private RouterHarness router;
    private TestClient client;

    @BeforeEach
    void open() throws SQLException, IOException {
        router = new RouterHarness();
        client = router.client();
        client.update("CREATE TABLE SPREAD(W INT PRIMARY KEY, V INT) PARTITION BY HASH(W) PARTITIONS 4");
        client.update("CREATE TABLE COPIED(K INT PRIMARY KEY) REPLICATED");
        client.autoCommit = false;
    }

    @AfterEach
    void close() throws SQLException {
        client.close();
        router.close();
    }

    /** A row written in one partition, whose leader has no branch of the transaction from now on. */
    private PartitionId writeAndLose() {
        client.update("INSERT INTO SPREAD VALUES(0, 0)");
        ExecuteInBranch written = (ExecuteInBranch) router.partitions.seen.stream()
                .filter(request -> request instanceof ExecuteInBranch execute && execute.begins())
                .reduce((first, second) -> second)
                .orElseThrow();
        EndBranch gone = new EndBranch(written.partition(), written.transaction(), false);
        ExecutorFixture.<Message>await(answer -> router.partitions.handle(gone, answer));
        return written.partition();
    }

    private void assertLost(Message answer) {
        Failure failure = assertInstanceOf(Failure.class, answer);
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, failure.error());
        assertTrue(failure.transactionEnded());
        assertInstanceOf(Done.class, client.ask(new EndTransaction(true)));
        assertEquals(List.of(), client.query("SELECT W FROM SPREAD"));
        assertEquals(List.of(), client.query("SELECT K FROM COPIED"));
        client.ask(new EndTransaction(false));
        Eventually.until(() -> router.partitions.openBranches() == 0);
    }

    /** Keys of rows that are in this partition, or in others. */
    private Integer[] keys(PartitionId partition, boolean there) {
        List<Integer> keys = new ArrayList<>();
        try (TestClient other = router.client()) {
            for (int key = 1; keys.size() < 4; key++) {
                other.query("SELECT V FROM SPREAD WHERE W = ?", key);
                int last = router.partitions.seen.size() - 1;
                if (router.partitions.seen.get(last).partition().equals(partition) == there) {
                    keys.add(key);
                }
            }
        }
        return keys.toArray(new Integer[0]);
    }

    @Test
    void anInsertIntoOtherPartitionsSaysSo() {
        PartitionId lost = writeAndLose();
        Integer[] elsewhere = keys(lost, false);
        assertLost(client.execute("INSERT INTO SPREAD VALUES(?, 1), (?, 1), (?, 1), (?, 1)", (Object[]) elsewhere));
    }

    @Test
    void aBatchOfSetsOfSeveralPartitionsSaysSo() {
        PartitionId lost = writeAndLose();
        Integer[] elsewhere = keys(lost, false);
        assertLost(client.ask(client.statement(
                "INSERT INTO SPREAD VALUES(?, 1), (?, 1)",
                TestClient.parameters(2, (Object[]) elsewhere),
                KeysWanted.NONE)));
    }

    @Test
    void aChangeOfAReplicatedTableSaysSo() {
        writeAndLose();
        assertLost(client.execute("INSERT INTO COPIED VALUES(1)"));
    }

    /** What its other sets did is undone with it: no count of them is to be believed. */
    @Test
    void aBatchThatOnePartitionRanSaysSo() {
        PartitionId lost = writeAndLose();
        assertLost(client.ask(client.statement(
                "INSERT INTO SPREAD VALUES(?, ?)",
                TestClient.parameters(2, keys(lost, false)[0], 1, keys(lost, true)[0], 1),
                KeysWanted.NONE)));
    }
}
