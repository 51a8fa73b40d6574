package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short waits meet H2's own search for deadlocks: a victim is told 40001, nobody gets an internal error. */
class DeadlockTest {

    private static final int THREADS = 4;
    private static final int ROWS = 3;
    private static final int COMMITS = 150;

    @TempDir
    Path directory;

    private final AtomicInteger committed = new AtomicInteger();

    @Test
    void victimsAreToldAndTheOthersGoOn() throws Exception {
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            replicas.execute("INSERT INTO T SELECT X - 1, 0 FROM SYSTEM_RANGE(1, " + ROWS + ")");
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int seed = i;
                threads.add(CompletableFuture.runAsync(() -> move(replicas, new Random(seed))));
            }
            for (CompletableFuture<Void> thread : threads) {
                thread.get(120, TimeUnit.SECONDS);
            }
            assertTrue(committed.get() >= COMMITS);
            assertEquals("0", replicas.query("SELECT SUM(V) FROM T"));
            replicas.assertEqual();
        }
    }

    private void move(TwoReplicas replicas, Random random) {
        while (committed.get() < COMMITS) {
            Branch branch;
            synchronized (replicas) {
                branch = replicas.branch();
            }
            boolean done = change(branch, random.nextInt(ROWS), 1) && change(branch, random.nextInt(ROWS), -1);
            synchronized (replicas) {
                if (done) {
                    replicas.commit(branch);
                    committed.incrementAndGet();
                } else {
                    branch.rollback();
                }
            }
        }
    }

    private boolean change(Branch branch, int row, int by) {
        StatementResult result = branch.execute(
                TwoReplicas.statement(
                        "UPDATE T SET V=V+? WHERE ID=?", TwoReplicas.parameters(1, by, row), 0, KeysWanted.NONE),
                20);
        for (int tries = 0; !result.isAnswered(); tries++) {
            if (tries == 5) {
                return false;
            }
            result = branch.resume(20);
        }
        if (result.answer() instanceof Failure failure) {
            assertEquals("40001", failure.sqlState(), failure.message());
            assertTrue(failure.transactionEnded());
            return false;
        }
        return true;
    }

    /**
     * Two who close the same circle at the same moment both want to make its youngest the victim, and H2 fails the later
     * one inside. The moment cannot be arranged; the failure can: it is told from all others.
     */
    @Test
    void whoFindsTheVictimAlreadyChosenHasMetADeadlock() throws Exception {
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            Branch branch = replicas.branch();
            replicas.run(branch, "INSERT INTO T VALUES (1, 0)");
            Transaction transaction = sessionOf(branch).getTransaction();
            Method choose = Transaction.class.getDeclaredMethod("setStatus", int.class);
            choose.setAccessible(true);
            int rollingBack = 4;
            choose.invoke(transaction, rollingBack);
            Throwable second = assertThrows(
                            InvocationTargetException.class, () -> choose.invoke(transaction, rollingBack))
                    .getCause();
            assertTrue(TransactionMarks.isVictimTaken(DbException.convert(second)), String.valueOf(second));
            assertFalse(TransactionMarks.isVictimGone(DbException.convert(second)));
            assertFalse(TransactionMarks.isVictimTaken(DbException.get(ErrorCode.LOCK_TIMEOUT_1, "T")));
            assertFalse(TransactionMarks.isVictimTaken(DbException.get(ErrorCode.GENERAL_ERROR_1, "another")));
            branch.rollback();
        }
    }

    /** The youngest may also have ended by itself in that moment: no deadlock is left, and the waiter goes on waiting. */
    @Test
    void whoFindsTheVictimGoneGoesOnWaiting() throws Exception {
        try (TwoReplicas replicas = new TwoReplicas(directory)) {
            replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            Branch branch = replicas.branch();
            replicas.run(branch, "INSERT INTO T VALUES (1, 0)");
            Transaction ended = sessionOf(branch).getTransaction();
            branch.rollback();
            Method choose = Transaction.class.getDeclaredMethod("setStatus", int.class);
            choose.setAccessible(true);
            Throwable gone = assertThrows(InvocationTargetException.class, () -> choose.invoke(ended, 4))
                    .getCause();
            assertTrue(TransactionMarks.isVictimGone(DbException.convert(gone)), String.valueOf(gone));
            assertFalse(TransactionMarks.isVictimTaken(DbException.convert(gone)));
            assertFalse(TransactionMarks.isVictimGone(DbException.get(ErrorCode.LOCK_TIMEOUT_1, "T")));
            assertFalse(TransactionMarks.isVictimGone(DbException.get(ErrorCode.GENERAL_ERROR_1, "another")));
        }
    }

    private static SessionLocal sessionOf(Branch branch) throws ReflectiveOperationException {
        Field pooled = Branch.class.getDeclaredField("pooled");
        pooled.setAccessible(true);
        return ((PooledSession) pooled.get(branch)).session();
    }
}
