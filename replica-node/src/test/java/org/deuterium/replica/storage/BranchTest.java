package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Statements in a leader's transaction: answers, errors, locks, cursors, keys. */
class BranchTest {

    @TempDir
    Path directory;

    private TwoReplicas replicas;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory);
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR(10) NOT NULL)");
        replicas.execute("INSERT INTO T VALUES (1,'a'),(2,'b')");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    @Test
    void errorsAreH2sOwn() {
        Failure syntax = replicas.failing("SELEC 1");
        assertEquals("42001", syntax.sqlState());
        assertTrue(syntax.message().contains("\"[*]SELEC 1\""), syntax.message());
        assertEquals(42102, replicas.failing("SELECT * FROM NOWHERE").vendorCode());
        assertEquals("23505", replicas.failing("INSERT INTO T VALUES (1,'x')").sqlState());
        assertEquals("23502", replicas.failing("INSERT INTO T VALUES (9,NULL)").sqlState());
        assertEquals(
                "22001",
                replicas.failing("INSERT INTO T VALUES (9,'12345678901')").sqlState());
        assertEquals("22012", replicas.failing("SELECT 1/0").sqlState());
        assertEquals(90012, replicas.failing("SELECT * FROM T WHERE ID=?").vendorCode());
        assertEquals(90008, replicas.failing("SELECT * FROM T WHERE ID=?", 1, 2).vendorCode());
        assertEquals(
                "22018", replicas.failing("SELECT * FROM T WHERE ID=?", "x").sqlState());
    }

    /** Its text is looked at for changes; a column's name or a literal is none. */
    @Test
    void aQueryThatOnlyNamesAChangeReadsAtACut() {
        replicas.schema("CREATE TABLE N(ID INT PRIMARY KEY, UPDATED_AT INT, DELETED BOOLEAN, KIND VARCHAR(9))");
        for (String sql : List.of(
                "SELECT UPDATED_AT FROM N WHERE NOT DELETED",
                "SELECT * FROM N WHERE KIND <> 'merged' AND KIND <> 'insert' -- no update",
                "SELECT ID AS \"total for update\" FROM N WHERE KIND <> 'for update' OR KIND = 'it''s a new table'",
                "SELECT ID, $$it's for update$$ FROM N WHERE ID>$$1$$",
                "SELECT SUBSTRING(KIND FROM 1 FOR 2) FROM N WHERE UPDATED_AT > 1 AND KIND <> 'UPDATE'")) {
            Branch branch = replicas.branch();
            assertTrue(branch.isPlainRead(sql), sql);
            ExecuteInBranch atCut = TwoReplicas.statement(sql, TwoReplicas.parameters(1), 0, KeysWanted.NONE)
                    .at(ReadBound.NONE.atCut(new Timestamp(5)));
            assertFalse(branch.execute(atCut, 0).isAnswered(), sql);
            branch.startAtCut();
            assertInstanceOf(RowsPage.class, branch.resume(0).answer(), sql);
            branch.rollback();
        }
        for (String sql : List.of(
                "SELECT * FROM N FOR UPDATE",
                "SELECT ID AS A$$ FROM N FOR UPDATE",
                "SELECT ID FROM N -- all\rFOR UPDATE",
                "SELECT * FROM (SELECT * FROM N WHERE KIND <> 'x' FOR UPDATE)",
                "SELECT * FROM N FOR /* /* all */ */ update NOWAIT",
                "SELECT ID FROM FINAL TABLE (INSERT INTO N(ID) VALUES (7))",
                "EXPLAIN ANALYZE DELETE FROM N")) {
            Branch branch = replicas.branch();
            assertFalse(branch.isPlainRead(sql), sql);
            branch.rollback();
        }
    }

    @Test
    void onlyStatementsOfATransactionRun() {
        for (String sql : List.of(
                "CREATE TABLE X(I INT)",
                "DROP TABLE T",
                "TRUNCATE TABLE T",
                "COMMIT",
                "ROLLBACK",
                "SET LOCK_TIMEOUT 1",
                "SHUTDOWN",
                "SCRIPT",
                "BACKUP TO 'x.zip'",
                "CREATE ALIAS A FOR 'a.b'",
                "PREPARE COMMIT X",
                "SET AUTOCOMMIT TRUE",
                "ANALYZE",
                "EXECUTE IMMEDIATE 'DROP TABLE T'",
                "CREATE LOCAL TEMPORARY TABLE L(I INT)",
                "ALTER TABLE T ADD X INT")) {
            Failure refused = replicas.failing(sql);
            assertTrue(refused.error() == ErrorCode.NOT_SUPPORTED || refused.vendorCode() == 90040, refused.toString());
        }
        assertEquals(90040, replicas.failing("SELECT FILE_READ('/etc/passwd')").vendorCode());
        assertEquals(90040, replicas.failing("SELECT * FROM CSVREAD('x')").vendorCode());
        assertEquals(
                ErrorCode.NOT_SUPPORTED,
                replicas.failing("SELECT * FROM (SELECT * FROM T FOR UPDATE WAIT 5)")
                        .error());
        assertEquals("1,a; 2,b", replicas.query("SELECT * FROM T FOR UPDATE WAIT 5 -- seconds"));
        assertEquals("1,a; 2,b", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    /** The name of the lock that a statement on this row meets. */
    private String lockOn(int id) {
        Branch branch = replicas.branch();
        StatementResult result = branch.execute(
                TwoReplicas.statement(
                        "SELECT * FROM T WHERE ID=? FOR UPDATE", TwoReplicas.parameters(1, id), 0, KeysWanted.NONE),
                0);
        assertEquals(StatementResult.Kind.LOCKED, result.kind());
        branch.rollback();
        return assertInstanceOf(StatementResult.HeldRow.class, result.lock()).name();
    }

    @Test
    void locksOfDifferentRowsHaveDifferentNames() {
        Branch holder = replicas.branch();
        replicas.run(holder, "UPDATE T SET V='h'");
        assertEquals(lockOn(1), lockOn(1));
        assertNotEquals(lockOn(1), lockOn(2));
        holder.rollback();
    }

    @Test
    void whatRunsInlineDoesNotWaitForACheckpoint() throws Exception {
        ExecuteInBranch statement = TwoReplicas.statement(
                "UPDATE T SET V=V||? WHERE ID=1", TwoReplicas.parameters(1, "!"), 0, KeysWanted.NONE);
        CheckpointGate gate = replicas.leader.gate();
        Branch branch = replicas.branch();
        long inside = gate.enter();
        CompletableFuture<Long> checkpoint = CompletableFuture.supplyAsync(gate::close);
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!gate.isClosing()) {
            assertTrue(System.nanoTime() < deadline, "nobody closes the gate");
            Thread.onSpinWait();
        }
        assertEquals(
                StatementResult.Kind.GATE_CLOSED, branch.execute(statement, 0).kind(), "while somebody waits to close");
        gate.leave(inside);
        long alone = checkpoint.get(60, TimeUnit.SECONDS);
        assertEquals(StatementResult.Kind.GATE_CLOSED, branch.resume(0).kind());
        gate.open(alone);
        assertEquals(1, TwoReplicas.count(branch.resume(0).answer()));
        replicas.commit(branch);
        assertEquals("1,a!; 2,b", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void lockedRowIsWaitedForOutside() {
        Branch holder = replicas.branch();
        replicas.run(holder, "UPDATE T SET V='h' WHERE ID=1");
        Branch waiter = replicas.branch();
        replicas.run(waiter, "UPDATE T SET V='w' WHERE ID=2");
        ExecuteInBranch statement = TwoReplicas.statement(
                "UPDATE T SET V=V||? WHERE ID<3", TwoReplicas.parameters(1, "!"), 0, KeysWanted.NONE);
        long start = System.nanoTime();
        assertEquals(StatementResult.Kind.LOCKED, waiter.execute(statement, 0).kind());
        long fastest = System.nanoTime() - start;
        for (int i = 0; i < 5; i++) { // the machine may stand still, but not every time
            start = System.nanoTime();
            assertEquals(StatementResult.Kind.LOCKED, waiter.resume(0).kind());
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        assertTrue(fastest < 150_000_000L, "no wait inside");
        StatementResult again = waiter.resume(10);
        assertEquals(StatementResult.Kind.LOCKED, again.kind());
        assertEquals(
                lockOn(1),
                assertInstanceOf(StatementResult.HeldRow.class, again.lock()).name());
        replicas.commit(holder);
        assertEquals(2, TwoReplicas.count(waiter.resume(0).answer()));
        replicas.commit(waiter);
        assertEquals("1,h!; 2,w!", replicas.query("SELECT * FROM T ORDER BY ID"));
        replicas.assertEqual();
    }

    @Test
    void waitingForATransactionThatUndidAStatementEnds() {
        Branch holder = replicas.branch();
        replicas.run(holder, "UPDATE T SET V='h' WHERE ID=1");
        assertInstanceOf(Failure.class, replicas.run(holder, "INSERT INTO T VALUES (9,'n'), (1,'x')"));
        replicas.run(holder, "SAVEPOINT S");
        replicas.run(holder, "ROLLBACK TO SAVEPOINT S");
        Branch waiter = replicas.branch();
        ExecuteInBranch statement =
                TwoReplicas.statement("UPDATE T SET V='w' WHERE ID=1", ParameterRows.NONE, 0, KeysWanted.NONE);
        assertEquals(StatementResult.Kind.LOCKED, waiter.execute(statement, 10).kind());
        replicas.commit(holder);
        assertEquals(1, TwoReplicas.count(waiter.resume(10).answer()));
        waiter.rollback();
    }

    @Test
    void waitingForATransactionThatWentBackToASavepointEnds() {
        Branch holder = replicas.branch();
        replicas.run(holder, "UPDATE T SET V='h' WHERE ID=1");
        holder.savepoint(1);
        replicas.run(holder, "UPDATE T SET V='i' WHERE ID=2");
        holder.rollbackTo(1);
        Branch waiter = replicas.branch();
        ExecuteInBranch statement =
                TwoReplicas.statement("UPDATE T SET V='w' WHERE ID=1", ParameterRows.NONE, 0, KeysWanted.NONE);
        assertEquals(StatementResult.Kind.LOCKED, waiter.execute(statement, 10).kind());
        replicas.commit(holder);
        assertEquals(1, TwoReplicas.count(waiter.resume(10).answer()));
        waiter.rollback();
        assertEquals("1,h; 2,b", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void lockedRowGivenUpLeavesTheTransaction() {
        Branch holder = replicas.branch();
        replicas.run(holder, "SELECT * FROM T WHERE ID=1 FOR UPDATE");
        Branch waiter = replicas.branch();
        replicas.run(waiter, "UPDATE T SET V='w' WHERE ID=2");
        ExecuteInBranch batch = TwoReplicas.statement(
                "UPDATE T SET V=? WHERE ID=?", TwoReplicas.parameters(2, "x", 1, "y", 2), 0, KeysWanted.NONE);
        assertEquals(StatementResult.Kind.LOCKED, waiter.execute(batch, 0).kind());
        Failure timeout = Failure.of(ErrorCode.LOCK_TIMEOUT, "waited long enough");
        UpdateCounts counts = (UpdateCounts) waiter.giveUp(timeout, 0).answer();
        assertArrayEquals(new long[] {-3, 1}, counts.counts());
        assertEquals(List.of(timeout), counts.failures());
        replicas.commit(waiter);
        holder.rollback();
        assertEquals("1,a; 2,y", replicas.query("SELECT * FROM T ORDER BY ID"));
        Branch again = replicas.branch();
        assertEquals("50200", failureCode(again, holderOf(1)));
    }

    private Branch holderOf(int id) {
        Branch holder = replicas.branch();
        replicas.run(holder, "SELECT * FROM T WHERE ID=? FOR UPDATE", id);
        return holder;
    }

    private String failureCode(Branch branch, Branch holder) {
        Failure failure = (Failure) replicas.run(branch, "SELECT * FROM T WHERE ID=1 FOR UPDATE NOWAIT");
        branch.rollback();
        holder.rollback();
        return Integer.toString(failure.vendorCode());
    }

    @Test
    void batchGoesOnAfterAFailure() {
        Branch branch = replicas.branch();
        UpdateCounts counts = (UpdateCounts) branch.execute(
                        TwoReplicas.statement(
                                "INSERT INTO T VALUES (?,?)",
                                TwoReplicas.parameters(4, 3, "c", 1, "dup", 4, null, 5, "e"),
                                0,
                                KeysWanted.NONE),
                        0)
                .answer();
        assertArrayEquals(new long[] {1, -3, -3, 1}, counts.counts());
        assertEquals("23505", counts.failures().get(0).sqlState());
        assertEquals("23502", counts.failures().get(1).sqlState());
        replicas.commit(branch);
        assertEquals("1,a; 2,b; 3,c; 5,e", replicas.query("SELECT * FROM T ORDER BY ID"));
        replicas.assertEqual();
    }

    @Test
    void batchStopsInTheMiddleForSequenceValuesAndGoesOn() {
        replicas.schema("CREATE TABLE I(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, V INT)");
        Object[] values = new Object[500];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Branch branch = replicas.branch();
        UpdateCounts counts = (UpdateCounts) replicas.finish(
                branch,
                branch.execute(
                        TwoReplicas.statement(
                                "INSERT INTO I(V) VALUES (?)", TwoReplicas.parameters(500, values), 0, KeysWanted.ALL),
                        0));
        assertEquals(500, counts.counts().length);
        assertEquals(500, counts.generatedKeys().rowCount());
        assertTrue(TwoReplicas.text(counts.generatedKeys(), 1).startsWith("1; 2; 3; "));
        assertEquals("ID", counts.generatedKeys().columns().get(0).name());
        replicas.commit(branch);
        assertEquals("500,0", replicas.query("SELECT COUNT(DISTINCT ID), MIN(V) FROM I"));
        replicas.assertEqual();
    }

    @Test
    void sequencesKeepTheirLimits() {
        replicas.schema(
                "CREATE SEQUENCE S MINVALUE 1 MAXVALUE 5 CYCLE",
                "CREATE SEQUENCE E MAXVALUE 3",
                "CREATE SEQUENCE D START WITH -1 INCREMENT BY -2 MINVALUE -5 MAXVALUE -1",
                "CREATE SEQUENCE ONE START WITH 7 MAXVALUE 7");
        StringBuilder drawn = new StringBuilder();
        for (int i = 0; i < 12; i++) {
            drawn.append(next("S"));
        }
        assertEquals("123451234512", drawn.toString());
        assertEquals("7", next("ONE"));
        assertEquals("-1-3-5", next("D") + next("D") + next("D"));
        assertEquals("123", next("E") + next("E") + next("E"));
        assertEquals(90006, replicas.failing("SELECT NEXT VALUE FOR E").vendorCode());
        assertEquals(90006, replicas.failing("SELECT NEXT VALUE FOR D").vendorCode());
        replicas.schema("ALTER SEQUENCE E RESTART WITH 2");
        assertEquals("23", next("E") + next("E"));
    }

    private String next(String sequence) {
        Branch branch = replicas.branch();
        RowsPage page = (RowsPage) replicas.run(branch, "SELECT NEXT VALUE FOR " + sequence);
        replicas.commit(branch);
        return TwoReplicas.text(page, 1);
    }

    @Test
    void generatedKeysByNameAndIndex() {
        replicas.schema("CREATE TABLE I(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, V INT, W INT DEFAULT 9)");
        assertEquals("9,1", keys(new KeysWanted(KeysWanted.Kind.NAMES, List.of("w", "ID"))));
        assertEquals("5,2", keys(new KeysWanted(KeysWanted.Kind.INDEXES, List.of("2", "1"))));
        Branch branch = replicas.branch();
        Failure failure = (Failure) replicas.finish(
                branch,
                branch.execute(
                        TwoReplicas.statement(
                                "INSERT INTO I(V) VALUES (5)",
                                ParameterRows.NONE,
                                0,
                                new KeysWanted(KeysWanted.Kind.INDEXES, List.of("4"))),
                        0));
        assertEquals(42122, failure.vendorCode());
        branch.rollback();
    }

    private String keys(KeysWanted wanted) {
        Branch branch = replicas.branch();
        UpdateCounts counts = (UpdateCounts) replicas.finish(
                branch,
                branch.execute(TwoReplicas.statement("INSERT INTO I(V) VALUES (5)", ParameterRows.NONE, 0, wanted), 0));
        replicas.commit(branch);
        return TwoReplicas.text(counts.generatedKeys(), 2);
    }

    @Test
    void cursorOutlivesItsTransaction() {
        replicas.execute("INSERT INTO T SELECT X, 'r' FROM SYSTEM_RANGE(3, 2500)");
        Branch branch = replicas.branch();
        RowsPage page = (RowsPage) branch.execute(
                        TwoReplicas.statement("SELECT ID FROM T ORDER BY ID", ParameterRows.NONE, 100, KeysWanted.NONE),
                        0)
                .answer();
        assertEquals(100, page.rowCount());
        branch.rollback();
        replicas.execute("DELETE FROM T");
        int rows = page.rowCount();
        while (page.cursor() != RowsPage.NO_MORE) {
            page = (RowsPage) replicas.leader.fetch(page.cursor(), 700);
            assertNull(page.columns());
            rows += page.rowCount();
        }
        assertEquals(2500, rows);
    }

    @Test
    void cursorsAreClosedWithTheirClient() {
        Branch branch = replicas.branch();
        long cursor = ((RowsPage) branch.execute(
                                TwoReplicas.statement("SELECT ID FROM T", ParameterRows.NONE, 1, KeysWanted.NONE), 0)
                        .answer())
                .cursor();
        assertNotEquals(RowsPage.NO_MORE, cursor);
        TransactionId owner = branch.transaction();
        branch.rollback();
        replicas.leader.closeCursors(transaction -> transaction.origin() == owner.origin());
        Failure closed = (Failure) replicas.leader.fetch(cursor, 1);
        assertEquals(ErrorCode.NO_SUCH_HANDLE, closed.error());
    }

    @Test
    void columnsAreDescribed() {
        Branch branch = replicas.branch();
        RowsPage page = (RowsPage) replicas.run(branch, "SELECT V AS X, 1+1 FROM T");
        branch.rollback();
        ColumnDescription column = page.columns().get(0);
        assertEquals(
                "X,V,PUBLIC,T,CHARACTER VARYING,12,10,0",
                String.join(
                        ",",
                        column.label(),
                        column.name(),
                        column.schema(),
                        column.table(),
                        column.typeName(),
                        "" + column.sqlType(),
                        "" + column.precision(),
                        "" + column.nullable()));
        assertEquals("java.lang.Integer", page.columns().get(1).className());
    }

    @Test
    void schemaOfTheSession() {
        replicas.schema("CREATE SCHEMA A", "CREATE TABLE A.T(ID INT PRIMARY KEY)");
        Branch inA = replicas.leader.openBranch(new TransactionId(3, 3), new SessionContext("A", "Asia/Tokyo", 0));
        assertEquals(0, ((RowsPage) replicas.run(inA, "SELECT * FROM T")).rowCount());
        inA.rollback();
        Branch nowhere = replicas.leader.openBranch(new TransactionId(3, 4), new SessionContext("Q", "UTC", 0));
        assertEquals(90079, ((Failure) replicas.run(nowhere, "SELECT 1")).vendorCode());
        nowhere.rollback();
        assertEquals("1,a; 2,b", replicas.query("SELECT * FROM T ORDER BY ID"));
    }

    @Test
    void statementsSeeASchemaChangeAtOnce() {
        assertEquals("1,a", replicas.query("SELECT * FROM T WHERE ID=1"));
        replicas.schema("ALTER TABLE T ADD COLUMN W INT DEFAULT 4");
        assertEquals("1,a,4", replicas.query("SELECT * FROM T WHERE ID=1"));
    }

    @Test
    void runningStatementIsCanceled() throws Exception {
        Branch branch = replicas.branch();
        String endless = "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000000) A, SYSTEM_RANGE(1, 1000000) B";
        CompletableFuture<Object> answer = CompletableFuture.supplyAsync(() -> replicas.run(branch, endless));
        while (!answer.isDone()) {
            branch.cancel();
            Thread.onSpinWait();
        }
        assertEquals(57014, assertInstanceOf(Failure.class, answer.get()).vendorCode());
        assertEquals(2, ((RowsPage) replicas.run(branch, "SELECT * FROM T")).rowCount());
        branch.rollback();
    }

    @Test
    void queryTimeout() {
        Branch branch = replicas.branch();
        ExecuteInBranch endless = new ExecuteInBranch(
                org.deuterium.wire.PartitionId.HOME,
                0,
                branch.transaction(),
                true,
                false,
                false,
                TwoReplicas.SESSION,
                "SELECT COUNT(*) FROM SYSTEM_RANGE(1, 100000000) A, SYSTEM_RANGE(1, 1000000) B",
                ParameterRows.NONE,
                0,
                0,
                50,
                KeysWanted.NONE,
                false);
        assertEquals(57014, ((Failure) branch.execute(endless, 0).answer()).vendorCode());
        branch.rollback();
    }

    @Test
    void manyMoreOpenTransactionsThanH2AllowsByDefault() {
        Branch[] open = new Branch[1_000];
        for (int i = 0; i < open.length; i++) {
            open[i] = replicas.branch();
            assertEquals(1, TwoReplicas.count(replicas.run(open[i], "INSERT INTO T VALUES (?, 'x')", 100 + i)));
        }
        for (Branch branch : open) {
            replicas.commit(branch);
        }
        replicas.assertEqual();
    }
}
