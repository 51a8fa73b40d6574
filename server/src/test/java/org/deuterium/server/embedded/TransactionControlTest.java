package org.deuterium.server.embedded;

import static org.deuterium.server.embedded.LockFixture.await;
import static org.deuterium.server.embedded.LockFixture.awaitRows;
import static org.deuterium.server.embedded.LockFixture.open;
import static org.deuterium.server.embedded.LockFixture.own;
import static org.deuterium.server.embedded.LockFixture.rows;
import static org.deuterium.server.embedded.LockFixture.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** SHOW TRANSACTIONS and KILL TRANSACTION, from any node about clients of any other. */
@Timeout(240)
class TransactionControlTest {

    /** Half of the time after which SHOW TRANSACTIONS goes on without a node. */
    private static final long ANSWER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static EmbeddedCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = open(cluster.jdbcUrl())) {
            run(connection, "CREATE TABLE t (id INT PRIMARY KEY, n INT) PARTITION BY HASH (id)");
            LockFixture.fill(connection, "t", 20);
            connection.commit();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private static Map<String, String> shown(Connection by, String id) throws SQLException {
        return line(rows(by, "SHOW TRANSACTIONS"), id);
    }

    private static Map<String, String> line(List<Map<String, String>> transactions, String id) {
        return transactions.stream()
                .filter(row -> row.get("TRANSACTION_ID").equals(id))
                .findFirst()
                .orElse(Map.of());
    }

    /** Again if there seems to be no such transaction: the node that knows of it may have been late to say so. */
    private static void kill(Connection killer, String id) throws Exception {
        await("transaction " + id + " is killed", () -> {
            try {
                assertEquals(0, run(killer, "KILL TRANSACTION " + id));
                return true;
            } catch (SQLException e) {
                if (!"90008".equals(e.getSQLState())) {
                    throw e;
                }
                return false;
            }
        });
    }

    private static CompletableFuture<Integer> inBackground(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return run(connection, sql);
                    } catch (SQLException e) {
                        throw new CompletionException(e);
                    }
                },
                LockFixture.CLIENTS);
    }

    private static SQLException failureOf(CompletableFuture<Integer> statement) {
        CompletionException failed = assertThrows(CompletionException.class, statement::join);
        return (SQLException) failed.getCause();
    }

    @Test
    void showsWhoWaitsForWhom() throws Exception {
        try (Connection holder = open(cluster.jdbcUrl(1));
                Connection waiter = open(cluster.jdbcUrl(2));
                Connection watcher = open(cluster.jdbcUrl(3))) {
            run(holder, "UPDATE t SET n = n + 1");
            String holding = own(holder).get("TRANSACTION_ID");
            run(waiter, "SET LOCK_TIMEOUT 60000");
            run(waiter, "SELECT 1");
            String waiting = own(waiter).get("TRANSACTION_ID");
            CompletableFuture<Integer> update = inBackground(waiter, "UPDATE t SET n = 7 WHERE id = 3");
            List<Map<String, String>> both = awaitRows(
                    "the waiter is shown, and who holds it up",
                    watcher,
                    "SHOW TRANSACTIONS",
                    rows -> line(rows, waiting).getOrDefault("BLOCKED_BY", "").startsWith(holding + " in partition ")
                            && line(rows, holding)
                                    .getOrDefault("PARTITIONS", "")
                                    .contains(", "));
            Map<String, String> blocked = line(both, waiting);
            assertEquals("WAITING", blocked.get("STATE"));
            assertEquals("UPDATE t SET n = 7 WHERE id = 3", blocked.get("STATEMENT"));
            assertEquals("node2", blocked.get("ROUTER"));
            assertEquals("READ COMMITTED", blocked.get("ISOLATION"));
            assertEquals("SA", blocked.get("USER_NAME").toUpperCase());
            assertTrue(blocked.get("CLIENT").startsWith("/127.0.0.1:"), blocked.get("CLIENT"));
            Map<String, String> holds = line(both, holding);
            assertEquals("IDLE", holds.get("STATE"));
            assertEquals("node1", holds.get("ROUTER"));
            assertTrue(Long.parseLong(holds.get("AGE_MS")) > 0);
            holder.rollback();
            assertEquals(1, update.join());
            waiter.rollback();
            assertEquals(Map.of(), shown(watcher, holding));
        }
    }

    @Test
    void killsAnIdleTransactionAndItsClientHearsWhy() throws Exception {
        try (Connection victim = open(cluster.jdbcUrl(1));
                Connection killer = open(cluster.jdbcUrl(2))) {
            for (String then : List.of("UPDATE t SET n = 6 WHERE id = 9", "SELECT 1", "COMMIT", "SAVEPOINT s")) {
                run(victim, "UPDATE t SET n = 5");
                String id = own(victim).get("TRANSACTION_ID");
                kill(killer, "'" + id + "'");
                assertEquals(20, run(killer, "SELECT * FROM t FOR UPDATE NOWAIT"), "its locks are free at once");
                killer.rollback();
                SQLException told = assertThrows(SQLException.class, () -> run(victim, then));
                assertEquals("57014", told.getSQLState());
                assertTrue(told.getMessage().contains("KILL TRANSACTION"), told.getMessage());
                assertEquals(0, run(victim, "SELECT * FROM t WHERE n = 5"), "the next transaction is sound");
                victim.rollback();
            }
        }
    }

    @Test
    void commitOfAKilledTransactionFails() throws Exception {
        try (Connection victim = open(cluster.jdbcUrl(1));
                Connection killer = open(cluster.jdbcUrl(3))) {
            run(victim, "UPDATE t SET n = 8");
            kill(killer, own(victim).get("TRANSACTION_ID"));
            assertEquals(
                    "57014", assertThrows(SQLException.class, victim::commit).getSQLState());
            assertEquals(0, run(killer, "SELECT * FROM t WHERE n = 8"));
            run(victim, "UPDATE t SET n = 8 WHERE id = 1");
            kill(killer, own(victim).get("TRANSACTION_ID"));
            victim.rollback();
            assertEquals(1, run(victim, "UPDATE t SET n = 0 WHERE id = 1"));
            victim.commit();
        }
    }

    @Test
    void killsWhatWaitsAndWhatRuns() throws Exception {
        try (Connection holder = open(cluster.jdbcUrl(1));
                Connection victim = open(cluster.jdbcUrl(2));
                Connection alone = open(cluster.jdbcUrl(3));
                Connection killer = open(cluster.jdbcUrl(3))) {
            run(holder, "UPDATE t SET n = n + 1");
            run(victim, "SET LOCK_TIMEOUT 60000");
            run(victim, "SELECT 1");
            String waiting = own(victim).get("TRANSACTION_ID");
            CompletableFuture<Integer> update = inBackground(victim, "UPDATE t SET n = 7");
            await("it waits", () -> "WAITING".equals(shown(killer, waiting).get("STATE")));
            kill(killer, "'" + waiting + "'");
            assertEquals("57014", failureOf(update).getSQLState());

            alone.setAutoCommit(true);
            run(alone, "SET LOCK_TIMEOUT 60000");
            String sql = "UPDATE t SET n = 9 WHERE id = 4";
            CompletableFuture<Integer> own = inBackground(alone, sql);
            List<String> found = new ArrayList<>();
            await("it waits", () -> found.addAll(waiters(killer, sql)));
            kill(killer, "'" + found.get(0) + "'");
            assertTrue(failureOf(own).getMessage().contains("KILL TRANSACTION"));
            holder.rollback();
        }
    }

    /** It tries again ten times a second; that is no news for whoever looks. */
    @Test
    void whoTriesAgainIsShownWaitingAllTheTime() throws Exception {
        try (Connection holder = open(cluster.jdbcUrl(1));
                Connection waiter = open(cluster.jdbcUrl(2));
                Connection watcher = open(cluster.jdbcUrl(2))) {
            run(holder, "UPDATE t SET n = n + 1 WHERE id = 6");
            run(waiter, "SET LOCK_TIMEOUT 60000");
            for (int round = 0; round < 10; round++) {
                String sql = "UPDATE t SET n = " + round + " WHERE id = 6";
                CompletableFuture<Integer> update = inBackground(waiter, sql);
                await("it waits", () -> !waiters(watcher, sql).isEmpty());
                List<String> found = List.of();
                long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(150);
                do {
                    long asked = System.nanoTime();
                    List<String> now = waiters(watcher, sql);
                    if (System.nanoTime() - asked < ANSWER_NANOS) { // else a node's answer may be missing
                        assertEquals(1, now.size(), () -> "round of " + sql);
                        found = now;
                    }
                } while (found.isEmpty() || System.nanoTime() < until);
                kill(watcher, "'" + found.get(0) + "'");
                assertEquals("57014", failureOf(update).getSQLState());
                waiter.rollback();
            }
            holder.rollback();
        }
    }

    private static List<String> waiters(Connection by, String sql) throws SQLException {
        return rows(by, "SHOW TRANSACTIONS").stream()
                .filter(row ->
                        row.get("STATEMENT").equals(sql) && row.get("STATE").equals("WAITING"))
                .map(row -> row.get("TRANSACTION_ID"))
                .toList();
    }

    /**
     * What it has waited in one partition it does not wait again in the next: who began to wait later waits longer. On a
     * machine that stands still for seconds both may be over before anybody looks, which tells nothing.
     */
    @Test
    void theLockTimeoutOfAStatementIsOneForAllPartitions() throws Exception {
        int attempts = 1;
        while (!whoBeganLaterWaitsLonger()) {
            assertTrue(++attempts <= 5, "it waited for its whole lock timeout in the last partition, too");
        }
    }

    private boolean whoBeganLaterWaitsLonger() throws Exception {
        try (Connection first = open(cluster.jdbcUrl(1));
                Connection second = open(cluster.jdbcUrl(1));
                Connection patient = open(cluster.jdbcUrl(2));
                Connection later = open(cluster.jdbcUrl(2))) {
            TreeMap<Integer, Integer> ids = new TreeMap<>(LockFixture.idsByPartition(first, "t", 20));
            int last = ids.lastEntry().getValue();
            run(first, "SELECT * FROM t WHERE id = " + ids.firstEntry().getValue() + " FOR UPDATE");
            run(second, "SELECT * FROM t WHERE id = " + last + " FOR UPDATE");
            run(patient, "SET LOCK_TIMEOUT 4000");
            run(later, "SET LOCK_TIMEOUT 3000");
            String all = "SELECT * FROM t FOR UPDATE";
            CompletableFuture<Integer> everywhere = inBackground(patient, all);
            await(
                    "it waits in the first partition for long",
                    () -> everywhere.isDone()
                            || rows(second, "SHOW TRANSACTIONS").stream()
                                    .anyMatch(row -> row.get("STATEMENT").equals(all)
                                            && row.get("STATE").equals("WAITING")
                                            && Long.parseLong(row.get("STATEMENT_MS")) > 2_500));
            first.rollback();
            CompletableFuture<Integer> there = inBackground(later, "UPDATE t SET n = 9 WHERE id = " + last);
            assertEquals("HYT00", failureOf(everywhere).getSQLState());
            boolean longer = !there.isDone();
            second.rollback();
            try {
                assertEquals(1, there.join());
            } catch (CompletionException e) {
                assertEquals("HYT00", ((SQLException) e.getCause()).getSQLState());
                longer = false;
            }
            return longer;
        }
    }

    @Test
    void anIdleTransactionIsEndedIfThatIsWished() throws Exception {
        try (Connection idle = open(cluster.jdbcUrl(1) + ";idleTransactionTimeout=300");
                Connection patient = open(cluster.jdbcUrl(1));
                Connection other = open(cluster.jdbcUrl(2))) {
            run(patient, "UPDATE t SET n = 0 WHERE id = 11");
            run(idle, "UPDATE t SET n = 4 WHERE id <> 11");
            run(other, "SET LOCK_TIMEOUT 30000");
            assertEquals(1, run(other, "UPDATE t SET n = 0 WHERE id = 2"), "the locks are free after a while");
            other.rollback();
            SQLException told = assertThrows(SQLException.class, idle::commit);
            assertEquals("25P03", told.getSQLState());
            run(idle, "SET IDLE_TRANSACTION_TIMEOUT 0");
            run(idle, "UPDATE t SET n = 0 WHERE id = 3");
            String id = own(idle).get("TRANSACTION_ID");
            await(
                    "it is idle for long",
                    () -> Long.parseLong(shown(other, id).getOrDefault("STATEMENT_MS", "0")) > 1_000);
            idle.commit();
            patient.commit();
        }
    }

    @Test
    void refusesWhatIsNoTransaction() throws Exception {
        try (Connection killer = open(cluster.jdbcUrl(2))) {
            SQLException unknown =
                    assertThrows(SQLException.class, () -> run(killer, "KILL TRANSACTION 'abcdef-1234567'"));
            assertEquals("90008", unknown.getSQLState());
            SQLException wrong = assertThrows(SQLException.class, () -> run(killer, "KILL TRANSACTION me"));
            assertEquals("42000", wrong.getSQLState());
        }
    }
}
