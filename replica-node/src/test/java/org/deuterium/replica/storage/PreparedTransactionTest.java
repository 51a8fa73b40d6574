package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prepared branch in H2: its rows stay locked and unseen until the decision, whoever leads and after any restart. */
class PreparedTransactionTest {

    private static final List<PartitionId> PARTICIPANTS = List.of(PartitionId.HOME, new PartitionId(3));

    @TempDir
    Path directory;

    private TwoReplicas replicas;
    private Branch branch;
    private PreparedTransaction prepared;

    @BeforeEach
    void prepare() {
        replicas = new TwoReplicas(directory);
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT UNIQUE)");
        replicas.execute("INSERT INTO T VALUES (1, 1), (2, 2), (3, 3)");
        replicas.drain();
        branch = replicas.branch();
        replicas.run(branch, "UPDATE T SET V = 10 WHERE ID = 1");
        replicas.run(branch, "DELETE FROM T WHERE ID = 2");
        replicas.run(branch, "INSERT INTO T VALUES (4, 4)");
        prepared = new PreparedTransaction(branch.transaction(), PARTICIPANTS, branch.capture());
        replicas.last = replicas.last.next();
        PreparedTransaction sent = PreparedTransaction.decode(prepared.transaction(), prepared.encode());
        assertArrayEquals(prepared.writeSet(), sent.writeSet());
        replicas.leader.applyPrepare(replicas.last, TwoReplicas.TERM, prepared);
        replicas.follower.applyPrepare(replicas.last, TwoReplicas.TERM, sent);
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    private void decide(boolean commit) {
        replicas.last = replicas.last.next();
        branch.decide(replicas.last, TwoReplicas.TERM, commit, new Timestamp(9));
        replicas.follower.applyDecision(
                replicas.last, TwoReplicas.TERM, prepared.transaction(), commit, new Timestamp(9));
    }

    private boolean isLocked(H2Storage storage, String sql) {
        Branch other = storage.openBranch(new org.deuterium.wire.TransactionId(9, 9), TwoReplicas.SESSION);
        StatementResult result = other.execute(TwoReplicas.statement(sql, ParameterRows.NONE, 0, KeysWanted.NONE), 0);
        other.rollback();
        return result.kind() == StatementResult.Kind.LOCKED;
    }

    @Test
    void aCommitReachesBothReplicas() {
        assertEquals("1,1; 2,2; 3,3", replicas.query("SELECT * FROM T ORDER BY 1"));
        decide(true);
        assertEquals("1,10; 3,3; 4,4", replicas.query("SELECT * FROM T ORDER BY 1"));
        replicas.assertEqual();
    }

    @Test
    void anAbortLeavesBothAsTheyWere() {
        decide(false);
        assertEquals("1,1; 2,2; 3,3", replicas.query("SELECT * FROM T ORDER BY 1"));
        replicas.assertEqual();
        assertFalse(isLocked(replicas.leader, "UPDATE T SET V = 7 WHERE ID = 1"));
    }

    @Test
    void othersGoOnMeanwhile() {
        assertEquals(true, isLocked(replicas.leader, "UPDATE T SET V = 7 WHERE ID = 1"));
        Branch other = replicas.branch();
        assertInstanceOf(UpdateCounts.class, replicas.run(other, "UPDATE T SET V = 30 WHERE ID = 3"));
        replicas.commit(other);
        replicas.drain();
        decide(true);
        assertEquals("1,10; 3,30; 4,4", replicas.query("SELECT * FROM T ORDER BY 1"));
        replicas.assertEqual();
    }

    @Test
    void aCheckpointCarriesIt() {
        LogIndex stored = replicas.follower.checkpoint();
        replicas.leader.checkpoint();
        replicas.close();
        try (H2Storage leader = open("leader");
                H2Storage follower = open("follower")) {
            assertEquals(stored, follower.appliedIndex());
            for (H2Storage storage : List.of(leader, follower)) {
                assertEquals("1,1; 2,2; 3,3", TwoReplicas.query(storage, "SELECT * FROM T ORDER BY 1"));
                assertEquals(
                        PARTICIPANTS,
                        storage.preparedTransaction(prepared.transaction()).participants());
                storage.applyDecision(stored.next(), TwoReplicas.TERM, prepared.transaction(), true, new Timestamp(9));
                assertEquals("1,10; 3,3; 4,4", TwoReplicas.query(storage, "SELECT * FROM T ORDER BY 1"));
                storage.applyDecision(
                        stored.next().next(), TwoReplicas.TERM, prepared.transaction(), true, new Timestamp(9));
            }
            assertEquals(leader.digests(), follower.digests());
        }
    }

    @Test
    void aNewLeaderLocksItsRowsAgain() {
        H2Storage next = replicas.follower;
        Branch reopened = next.reopen(prepared);
        assertEquals("1,1; 2,2; 3,3", TwoReplicas.query(next, "SELECT * FROM T ORDER BY 1"));
        assertEquals(true, isLocked(next, "UPDATE T SET V = 7 WHERE ID = 1"));
        assertEquals(true, isLocked(next, "DELETE FROM T WHERE ID = 2"));
        assertEquals(true, isLocked(next, "INSERT INTO T VALUES (4, 44)"));
        assertFalse(isLocked(next, "UPDATE T SET V = 7 WHERE ID = 3"));
        next.checkpoint();
        LogIndex decision = replicas.last.next();
        reopened.decide(decision, TwoReplicas.TERM, true, new Timestamp(9));
        assertEquals("1,10; 3,3; 4,4", TwoReplicas.query(next, "SELECT * FROM T ORDER BY 1"));
        branch.decide(decision, TwoReplicas.TERM, true, new Timestamp(9));
        assertEquals(replicas.leader.digests(), next.digests());
    }

    private H2Storage open(String replica) {
        return H2Storage.open(directory.resolve(replica), StorageSettings.DEFAULT);
    }
}
