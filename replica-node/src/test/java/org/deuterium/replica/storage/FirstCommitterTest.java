package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of branches on their way to the log, which H2 does not show to each other, only those may commit that leave no orphan. */
class FirstCommitterTest {

    private static final String CHILD = "INSERT INTO C VALUES (1, 1)";
    private static final String PARENT_GONE = "DELETE FROM P WHERE ID = 1";

    @TempDir
    Path directory;

    private TwoReplicas replicas;
    private int next = 100;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory);
        replicas.schema(
                "CREATE TABLE P(ID INT PRIMARY KEY, V INT)",
                "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P(ID))");
        replicas.execute("INSERT INTO P VALUES (1, 1), (2, 2)");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    private Branch begin(Isolation isolation) {
        Branch branch = replicas.leader.openBranch(new TransactionId(9, ++next), TwoReplicas.SESSION.with(isolation));
        if (isolation == Isolation.SNAPSHOT) {
            StatementResult opening =
                    branch.execute(statement("SELECT 1 FROM P").at(ReadBound.NONE.atCut(new Timestamp(5))), 0);
            assertTrue(!opening.isAnswered());
            branch.startAtCut();
            assertTrue(branch.resume(0).isAnswered());
        }
        return branch;
    }

    private static ExecuteInBranch statement(String sql) {
        return TwoReplicas.statement(sql, TwoReplicas.parameters(1), 0, KeysWanted.NONE);
    }

    private Branch changed(Isolation isolation, String sql) {
        Branch branch = begin(isolation);
        assertInstanceOf(UpdateCounts.class, branch.execute(statement(sql), 0).answer(), sql);
        return branch;
    }

    private void commit(Branch branch) {
        replicas.last = replicas.last.next();
        branch.commit(replicas.last, TwoReplicas.TERM);
    }

    private static void assertRefused(Branch branch) {
        assertThrows(SnapshotConflictException.class, branch::captureForLog);
        branch.rollback();
    }

    private void assertNoOrphan() {
        assertEquals("0", replicas.query("SELECT COUNT(*) FROM C WHERE P NOT IN (SELECT ID FROM P)"));
    }

    @Test
    void aParentIsNotDeletedWhileAChildIsOnItsWayToTheLog() {
        Branch child = changed(Isolation.SNAPSHOT, CHILD);
        Branch parent = changed(Isolation.SNAPSHOT, PARENT_GONE);
        child.captureForLog();
        assertRefused(parent);
        commit(child);
        assertNoOrphan();
    }

    @Test
    void aChildIsNotInsertedWhileItsParentsEndIsOnItsWayToTheLog() {
        Branch child = changed(Isolation.SNAPSHOT, CHILD);
        Branch parent = changed(Isolation.SNAPSHOT, PARENT_GONE);
        parent.captureRows();
        assertRefused(child);
        commit(parent);
        assertNoOrphan();
    }

    /** It may have been on its way before the first snapshot was taken. */
    @Test
    void soItIsIfTheChildIsInsertedAtReadCommitted() {
        Branch child = changed(Isolation.READ_COMMITTED, CHILD);
        child.captureForLog();
        Branch parent = changed(Isolation.SNAPSHOT, PARENT_GONE);
        assertRefused(parent);
        commit(child);
        assertNoOrphan();
    }

    @Test
    void whatIsRolledBackIsForgotten() {
        Branch child = changed(Isolation.SNAPSHOT, CHILD);
        child.captureForLog();
        child.rollback();
        Branch parent = changed(Isolation.SNAPSHOT, PARENT_GONE);
        parent.captureForLog();
        commit(parent);
        assertNoOrphan();
    }

    @Test
    void whatIsCommittedBeforeTheSnapshotIsForgotten() {
        Branch child = changed(Isolation.SNAPSHOT, CHILD);
        child.captureForLog();
        commit(child);
        Branch other = changed(Isolation.SNAPSHOT, "DELETE FROM P WHERE ID = 2");
        other.captureForLog();
        commit(other);
        assertNoOrphan();
    }

    @Test
    void anUndecidedTransactionCountsUnderTheNextLeaderToo() {
        Branch child = changed(Isolation.SNAPSHOT, CHILD);
        PreparedTransaction prepared = new PreparedTransaction(
                        child.transaction(), List.of(PartitionId.HOME, new PartitionId(1)), child.capture())
                .at(new Timestamp(7));
        child.rollback();
        Branch reopened = replicas.leader.reopen(prepared);
        Branch parent = changed(Isolation.SNAPSHOT, PARENT_GONE);
        assertRefused(parent);
        reopened.rollback();
        Branch again = changed(Isolation.SNAPSHOT, PARENT_GONE);
        again.captureForLog();
        commit(again);
        assertNoOrphan();
    }
}
