package org.deuterium.server.embedded;

import static org.deuterium.server.embedded.LockFixture.await;
import static org.deuterium.server.embedded.LockFixture.open;
import static org.deuterium.server.embedded.LockFixture.rows;
import static org.deuterium.server.embedded.LockFixture.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions that wait for each other through several partitions: the youngest loses, soon, and nobody else. */
@Timeout(240)
class DeadlockAcrossPartitionsTest {

    private static EmbeddedCluster cluster;
    private static List<Integer> ids;

    private final List<Connection> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = open(cluster.jdbcUrl())) {
            run(connection, "CREATE TABLE t (id INT PRIMARY KEY, n INT) PARTITION BY HASH (id)");
            run(connection, "CREATE TABLE plain (id INT PRIMARY KEY, n INT)");
            LockFixture.fill(connection, "t", 20);
            LockFixture.fill(connection, "plain", 4);
            connection.commit();
            ids = List.copyOf(LockFixture.idsByPartition(connection, "t", 20).values());
        }
        assertTrue(ids.size() >= 3, "three partitions at least");
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void clients() throws SQLException {
        for (int i = 0; i < 3; i++) {
            Connection client = open(cluster.jdbcUrl(i + 1));
            run(client, "SET LOCK_TIMEOUT 30000");
            open.add(client);
        }
    }

    @AfterEach
    void close() throws SQLException {
        for (Connection client : open) {
            client.close();
        }
    }

    /** What became of a statement, and after how long. */
    private record Ending(@Nullable SQLException failure, long millis) {}

    private static CompletableFuture<Ending> start(Connection client, String sql) {
        long begun = System.nanoTime();
        return CompletableFuture.supplyAsync(
                () -> {
                    SQLException failure = null;
                    try {
                        run(client, sql);
                        client.commit();
                    } catch (SQLException e) {
                        failure = e;
                    }
                    return new Ending(failure, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun));
                },
                LockFixture.CLIENTS);
    }

    private static String update(int id) {
        return "UPDATE t SET n = n + 1 WHERE id = " + id;
    }

    private static String lock(int id) {
        return "SELECT * FROM t WHERE id = " + id + " FOR UPDATE";
    }

    /** The last client is the victim; every other one gets on and commits. */
    private static void assertLastLoses(List<CompletableFuture<Ending>> endings) {
        for (int i = 0; i < endings.size(); i++) {
            Ending ending = endings.get(i).join();
            if (i == endings.size() - 1) {
                assertEquals(
                        "40001",
                        String.valueOf(
                                ending.failure() == null
                                        ? null
                                        : ending.failure().getSQLState()));
                System.out.println("deadlock of " + endings.size() + " ended after " + ending.millis() + " ms");
                // found within a second, if the machine has nothing else to do; and not by the lock timeout
                assertTrue(ending.millis() < 20_000, "after " + ending.millis() + " ms");
            } else {
                assertNull(ending.failure(), () -> "client " + ending);
            }
        }
    }

    @Test
    void twoPartitionsThroughUpdates() throws Exception {
        run(open.get(0), update(ids.get(0)));
        run(open.get(1), update(ids.get(1)));
        assertLastLoses(List.of(start(open.get(0), update(ids.get(1))), start(open.get(1), update(ids.get(0)))));
    }

    @Test
    void threePartitionsThroughForUpdate() throws Exception {
        for (int i = 0; i < 3; i++) {
            run(open.get(i), lock(ids.get(i)));
        }
        assertLastLoses(List.of(
                start(open.get(0), lock(ids.get(1))),
                start(open.get(1), update(ids.get(2))),
                start(open.get(2), lock(ids.get(0)))));
    }

    @Test
    void throughAPlainTableAndInsideOnePartition() throws Exception {
        run(open.get(0), "UPDATE plain SET n = 1 WHERE id = 0");
        run(open.get(1), update(ids.get(1)));
        assertLastLoses(List.of(
                start(open.get(0), lock(ids.get(1))),
                start(open.get(1), "SELECT * FROM plain WHERE id = 0 FOR UPDATE")));
        run(open.get(0), "UPDATE plain SET n = 1 WHERE id = 1");
        run(open.get(1), "UPDATE plain SET n = 1 WHERE id = 2");
        run(open.get(2), update(ids.get(2)));
        // 0 waits for 1 inside the home partition, 1 for 2 elsewhere, 2 for 0 in the home partition
        assertLastLoses(List.of(
                start(open.get(0), "UPDATE plain SET n = 2 WHERE id = 2"),
                start(open.get(1), update(ids.get(2))),
                start(open.get(2), "UPDATE plain SET n = 2 WHERE id = 1")));
    }

    @Test
    void aStatementThatWaitsInSeveralPartitions() throws Exception {
        run(open.get(0), update(ids.get(0)));
        run(open.get(1), lock(ids.get(1)));
        assertLastLoses(List.of(
                start(open.get(0), "UPDATE t SET n = n + 1 WHERE id IN (" + ids.get(1) + ", " + ids.get(2) + ")"),
                start(open.get(1), "UPDATE t SET n = n + 1")));
    }

    @Test
    void heavyLoadOnAHotRowHasNoVictims() throws Exception {
        int clients = 12;
        int each = 40;
        AtomicInteger victims = new AtomicInteger();
        AtomicInteger timeouts = new AtomicInteger();
        List<CompletableFuture<Void>> loads = new ArrayList<>();
        long before = sum();
        for (int c = 0; c < clients; c++) {
            int number = c;
            loads.add(CompletableFuture.runAsync(
                    () -> {
                        Random random = new Random(number);
                        try (Connection client = open(cluster.jdbcUrl(number % 3 + 1))) {
                            run(client, "SET LOCK_TIMEOUT 60000");
                            for (int i = 0; i < each; i++) {
                                // always in the same order: no circle is possible
                                run(client, update(ids.get(0)));
                                run(client, update(ids.get(1 + random.nextInt(2))));
                                client.commit();
                            }
                        } catch (SQLException e) {
                            ("40001".equals(e.getSQLState()) ? victims : timeouts).incrementAndGet();
                        }
                    },
                    LockFixture.CLIENTS));
        }
        loads.forEach(CompletableFuture::join);
        assertEquals(0, victims.get(), "victims without a circle");
        assertEquals(0, timeouts.get());
        assertEquals(before + 2L * clients * each, sum());
    }

    private long sum() throws SQLException {
        return Long.parseLong(
                rows(open.get(0), "SELECT SUM(n) AS total FROM t").get(0).get("TOTAL"));
    }

    @Test
    void wholeTableForUpdateIsAMutex() throws Exception {
        for (String table : List.of("plain", "t")) {
            AtomicInteger inside = new AtomicInteger();
            AtomicInteger entered = new AtomicInteger();
            List<CompletableFuture<Void>> all = new ArrayList<>();
            for (int c = 0; c < 8; c++) {
                String url = cluster.jdbcUrl(c % 3 + 1);
                all.add(CompletableFuture.runAsync(
                        () -> {
                            try (Connection client = open(url)) {
                                run(client, "SET LOCK_TIMEOUT 60000");
                                for (int i = 0; i < 5; i++) {
                                    run(client, "SELECT * FROM " + table + " FOR UPDATE");
                                    assertEquals(1, inside.incrementAndGet(), "alone in " + table);
                                    entered.incrementAndGet();
                                    run(client, "UPDATE " + table + " SET n = n + 1 WHERE id = 1");
                                    inside.decrementAndGet();
                                    client.commit();
                                }
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        },
                        LockFixture.CLIENTS));
            }
            all.forEach(CompletableFuture::join);
            assertEquals(40, entered.get());
        }
    }

    @Test
    void aFailedForUpdateGivesBackWhatItTook() throws Exception {
        Connection holder = open.get(0);
        Connection other = open.get(1);
        Connection third = open.get(2);
        run(holder, lock(ids.get(ids.size() - 1)));
        run(other, "UPDATE plain SET n = 5 WHERE id = 3");
        SQLException busy = assertThrows(SQLException.class, () -> run(other, "SELECT * FROM t FOR UPDATE NOWAIT"));
        assertEquals("HYT00", busy.getSQLState());
        assertEquals(19, run(third, "SELECT * FROM t FOR UPDATE SKIP LOCKED"), "all but the one that is held");
        third.rollback();
        long begun = System.nanoTime();
        SQLException late = assertThrows(SQLException.class, () -> run(other, "SELECT * FROM t FOR UPDATE WAIT 0.5"));
        assertEquals("HYT00", late.getSQLState());
        assertTrue(late.getMessage().contains("SHOW TRANSACTIONS"), late.getMessage());
        long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        assertTrue(waited >= 500, "only " + waited + " ms");
        assertTrue(waited < 20_000, "not the session's 30 s, but " + waited + " ms");
        assertEquals(19, run(third, "SELECT * FROM t FOR UPDATE SKIP LOCKED"));
        third.rollback();
        other.commit();
        assertEquals(1, run(third, "SELECT * FROM plain WHERE n = 5"), "the rest of the transaction went on");
        holder.rollback();
        assertEquals(20, run(other, "SELECT * FROM t FOR UPDATE WAIT 5"));
        other.rollback();
    }

    @Test
    void theVictimsLocksAreFreeAndItsConnectionGoesOn() throws Exception {
        run(open.get(0), update(ids.get(0)));
        run(open.get(1), update(ids.get(1)));
        run(open.get(1), update(ids.get(2)));
        CompletableFuture<Ending> first = start(open.get(0), update(ids.get(1)));
        SQLException victim = assertThrows(SQLException.class, () -> run(open.get(1), update(ids.get(0))));
        assertTrue(victim.getMessage().contains("youngest of 2"), victim.getMessage());
        assertNull(first.join().failure());
        run(open.get(2), "SELECT * FROM t WHERE id = " + ids.get(2) + " FOR UPDATE NOWAIT");
        open.get(2).rollback();
        run(open.get(1), update(ids.get(0)));
        open.get(1).commit();
        await("no transaction is left", () -> rows(open.get(2), "SHOW TRANSACTIONS").stream()
                .map(row -> row.get("PARTITIONS"))
                .allMatch(String::isEmpty));
        assertFalse(open.get(1).isClosed());
    }
}
