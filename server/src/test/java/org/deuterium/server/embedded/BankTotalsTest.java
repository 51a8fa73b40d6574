package org.deuterium.server.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every statement over several partitions sees one state of all of them, at READ COMMITTED too: while money moves between
 * accounts in different partitions, its sum is the same in every read.
 */
@Timeout(600)
class BankTotalsTest {

    private static final int ACCOUNTS = 24;
    private static final int BALANCE = 100;
    private static final long TOTAL = (long) ACCOUNTS * BALANCE;
    private static final int TRANSFERRERS = 6;
    private static final int READERS = 2;

    /** More for a longer run; with the cut turned off a quarter of the reads was wrong. */
    private static final int ROUNDS = Integer.getInteger("deuterium.cut.rounds", 1);

    private static final int WORK = 100 * ROUNDS;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger transfers = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger wrong = new AtomicInteger();
    private final ExecutorService clients = Executors.newCachedThreadPool();
    private final List<Future<?>> running = new ArrayList<>();
    private static EmbeddedCluster cluster;

    /** How readers connect, beyond the URL. */
    private volatile String readersSettings = "";

    @BeforeAll
    static void start() throws Exception {
        cluster = EmbeddedCluster.start(3);
        try (Connection connection = open();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL)"
                    + " PARTITION BY HASH (id) PARTITIONS 4");
            StringBuilder rows = new StringBuilder("INSERT INTO account VALUES (0, " + BALANCE + ")");
            for (int id = 1; id < ACCOUNTS; id++) {
                rows.append(", (").append(id).append(", ").append(BALANCE).append(')');
            }
            statement.executeUpdate(rows.toString());
        }
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    /** The money is all there after each test; so are the nodes. */
    @BeforeEach
    void awaitReady() throws Exception {
        cluster.awaitReady();
    }

    @AfterEach
    void endClients() throws Exception {
        over.set(true);
        clients.shutdown();
        assertTrue(clients.awaitTermination(60, TimeUnit.SECONDS));
    }

    private static Connection open() throws SQLException {
        return open("");
    }

    private static Connection open(String settings) throws SQLException {
        return DriverManager.getConnection(cluster.jdbcUrl() + settings, "sa", "");
    }

    private static long sum(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT SUM(balance) FROM account")) {
            assertTrue(row.next());
            return row.getLong(1);
        }
    }

    private void transfer(int number) throws SQLException {
        Random random = new Random(number);
        while (!over.get()) {
            try (Connection connection = open()) {
                connection.setAutoCommit(false);
                while (!over.get()) {
                    transferOnce(connection, random);
                }
            } catch (SQLException e) {
                if (!LockFixture.isTransient(e)) {
                    throw e;
                }
            }
        }
    }

    private void transferOnce(Connection connection, Random random) throws SQLException {
        int from = random.nextInt(ACCOUNTS);
        int to = random.nextInt(ACCOUNTS);
        try (PreparedStatement move =
                        connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE id = ?");
                Statement statement = connection.createStatement()) {
            int amount = 1 + random.nextInt(9);
            move(move, Math.min(from, to), amount);
            move(move, Math.max(from, to), -amount);
            if (random.nextInt(8) == 0) {
                check(sum(statement)); // its own writes, and of others all or nothing
            }
            connection.commit();
            transfers.incrementAndGet();
        } catch (SQLException e) {
            if (!LockFixture.isTransient(e)) {
                throw e;
            }
            connection.rollback();
        }
    }

    private static void move(PreparedStatement move, int account, int amount) throws SQLException {
        move.setInt(1, amount);
        move.setInt(2, account);
        assertEquals(1, move.executeUpdate());
    }

    private void check(long sum) {
        reads.incrementAndGet();
        if (sum != TOTAL) {
            wrong.incrementAndGet();
        }
    }

    private void read() throws SQLException {
        while (!over.get()) {
            try (Connection connection = open(readersSettings);
                    Statement statement = connection.createStatement()) {
                while (!over.get()) {
                    check(sum(statement));
                }
            } catch (SQLException e) {
                if (!LockFixture.isTransient(e)) {
                    throw e;
                }
            }
        }
    }

    /** Work that a client goes on with until the test is over. */
    private interface Work {
        void run() throws SQLException;
    }

    private void begin(Work work) {
        running.add(clients.submit(() -> {
            work.run();
            return null;
        }));
    }

    private void begin() {
        for (int i = 0; i < TRANSFERRERS; i++) {
            int number = i;
            begin(() -> transfer(number));
        }
        for (int i = 0; i < READERS; i++) {
            begin(this::read);
        }
    }

    /** True once so many have happened since; false if that takes too long, or a client failed. */
    private boolean await(AtomicInteger counter, int more) throws Exception {
        int enough = counter.get() + more;
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (counter.get() < enough) {
            if (System.nanoTime() > deadline || running.stream().anyMatch(Future::isDone)) {
                end();
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(5); // between two looks
        }
        return true;
    }

    private void end() throws Exception {
        over.set(true);
        for (Future<?> client : running) {
            client.get(60, TimeUnit.SECONDS);
        }
    }

    private String summary() {
        return wrong + " wrong totals of " + reads + " reads during " + transfers + " transfers";
    }

    @Test
    void everyTotalIsRightWhileMoneyMoves() throws Exception {
        begin();
        assertTrue(await(reads, 6 * WORK) && await(transfers, 2 * WORK), this::summary);
        end();
        System.out.println("totals at a cut: " + summary());
        assertEquals(0, wrong.get(), this::summary);
    }

    @Test
    void everyTotalIsRightAtFollowersWhileMoneyMovesAndALeaderIsLost() throws Exception {
        readersSettings = "?preferLeader=false&readPreference=follower";
        begin();
        assertTrue(await(reads, 3 * WORK) && await(transfers, 2 * WORK), this::summary);
        cluster.stopNode(1);
        assertTrue(await(transfers, WORK) && await(reads, WORK), this::summary);
        cluster.startNode(1);
        assertTrue(await(transfers, WORK) && await(reads, WORK), this::summary);
        end();
        System.out.println("totals at followers: " + summary());
        assertEquals(0, wrong.get(), this::summary);
    }

    @Test
    void everyTotalIsRightWhileALeaderIsLost() throws Exception {
        begin();
        assertTrue(await(reads, 100), this::summary);
        for (int node = 1; node <= 2; node++) {
            cluster.stopNode(node);
            assertTrue(await(transfers, WORK) && await(reads, WORK), this::summary);
            cluster.startNode(node);
            assertTrue(await(transfers, WORK) && await(reads, WORK), this::summary);
        }
        end();
        System.out.println("totals while leaders are lost: " + summary());
        assertEquals(0, wrong.get(), this::summary);
    }
}
