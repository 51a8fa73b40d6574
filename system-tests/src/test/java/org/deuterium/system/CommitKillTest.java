package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.server.local.ChildProcess;
import org.deuterium.transport.FailPoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The router and each leader die at every step of a commit over two partitions: it is atomic, finished soon without any
 * help, and its client is told the truth. Two at once too: both leaders, or the router and a leader. All steps with
 * -Ddeuterium.commit.kill.all=true, else a few.
 */
class CommitKillTest {

    private static final boolean ALL = Boolean.getBoolean("deuterium.commit.kill.all");
    /** Of all cases, those whose text has this. */
    private static final String ONLY = System.getProperty("deuterium.commit.kill.only", "");

    private static final int TIMES = Integer.getInteger("deuterium.commit.kill.times", 1);

    /** Where all steps are measured ten seconds, and three times as long on a machine that does other things. */
    private static final long LIMIT_MILLIS = ALL ? 30_000 : 90_000;

    private static final List<String> ROUTER_STEPS = List.of(
            "router before prepare",
            "router one prepare sent",
            "router all prepared",
            "router one decision sent",
            "router all decided",
            "router client answered");

    private static final List<String> LEADER_STEPS = List.of(
            "prepare asked",
            "prepare logged",
            "prepare answered",
            "decision asked",
            "decision logged",
            "decision answered",
            "finish asked",
            "finish logged");

    @TempDir
    Path directory;

    private Path armed;
    private FaultyCluster cluster;

    /** A row in each of two partitions. */
    private final TreeMap<Integer, Integer> idByPartition = new TreeMap<>();

    private int value;
    private final List<String> table = new ArrayList<>();

    /**
     * What is to happen.
     *
     * @param router the node that the client is connected to; its URL names the others too
     * @param also the node that is killed at the same moment; "" if nobody. Two of three nodes are gone then, so nobody can
     *     finish anything before they are started again, and the client may be told that nobody knows (08007)
     */
    private record Case(int router, String place, String also) {
        Case(int router, String place) {
            this(router, place, "");
        }
    }

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void everyStep() throws Exception {
        armed = directory.resolve("failpoint");
        String options = System.getProperty(ChildProcess.JAVA_OPTIONS, "");
        System.setProperty(ChildProcess.JAVA_OPTIONS, options + " -D" + FailPoint.PROPERTY + "=" + armed);
        try (FaultyCluster started = FaultyCluster.start(directory.resolve("data"))) {
            cluster = started;
            makeTable();
            for (int time = 0; time < TIMES; time++) {
                for (Case one : cases()) {
                    run(one);
                }
            }
        } finally {
            System.setProperty(ChildProcess.JAVA_OPTIONS, options);
            table.forEach(System.out::println);
        }
    }

    private List<Case> cases() {
        int first = idByPartition.firstKey();
        int second = idByPartition.lastKey();
        if (!ALL) {
            return List.of(
                    new Case(3, "router all prepared"),
                    new Case(1, "router one decision sent"),
                    new Case(3, "prepare logged " + first),
                    new Case(3, "decision logged " + second));
        }
        List<Case> cases = new ArrayList<>();
        for (String step : ROUTER_STEPS) {
            cases.add(new Case(3, step)); // leads neither partition
            cases.add(new Case(1, step)); // leads one of them
        }
        for (String step : LEADER_STEPS) {
            cases.add(new Case(3, step + " " + first));
            cases.add(new Case(3, step + " " + second));
        }
        for (String step : ROUTER_STEPS) {
            cases.add(new Case(3, step, "node1"));
            cases.add(new Case(3, step, "node2"));
        }
        for (String step : LEADER_STEPS) {
            cases.add(new Case(3, step + " " + first, "node2"));
            cases.add(new Case(3, step + " " + second, "node1"));
            cases.add(new Case(3, step + " " + first, "node3"));
        }
        cases.removeIf(one -> !one.toString().contains(ONLY));
        return cases;
    }

    private String url(int first) {
        List<String> hosts = new ArrayList<>();
        for (int i = 0; i < FaultyCluster.NODES; i++) {
            hosts.add("127.0.0.1:" + cluster.local().file().nodePorts().get((first - 1 + i) % FaultyCluster.NODES));
        }
        return "jdbc:deuterium://" + String.join(",", hosts) + "/db?user=sa&preferLeader=false&lockTimeout=500";
    }

    private void makeTable() throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(3));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) PARTITION BY HASH (id) PARTITIONS 2");
            connection.setAutoCommit(false);
            for (int id = 0; idByPartition.size() < 2; id++) { // a leader that is late says nothing of its branch
                statement.executeUpdate("INSERT INTO t VALUES (" + id + ", 0)");
                try (ResultSet rows = statement.executeQuery("SHOW  TRANSACTIONS")) {
                    while (rows.next()) {
                        if ("SHOW  TRANSACTIONS".equals(rows.getString("STATEMENT"))) {
                            String partitions = rows.getString("PARTITIONS");
                            if (!partitions.isEmpty()) {
                                String first = partitions.substring(0, partitions.indexOf(':'));
                                idByPartition.put(Integer.valueOf(first), id);
                            }
                        }
                    }
                }
                connection.rollback();
            }
            for (int id : idByPartition.values()) {
                statement.executeUpdate("INSERT INTO t VALUES (" + id + ", 0)");
            }
            connection.commit();
        }
    }

    private void placeLeaders() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        SQLException last = null;
        while (System.nanoTime() < deadline) {
            try (Connection connection = DriverManager.getConnection(url(3));
                    Statement statement = connection.createStatement()) {
                statement.execute("ALTER PARTITION " + idByPartition.firstKey() + " TRANSFER LEADER TO node1");
                statement.execute("ALTER PARTITION " + idByPartition.lastKey() + " TRANSFER LEADER TO node2");
                return;
            } catch (SQLException e) {
                last = e; // the node that died is not in step again yet
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
        throw new AssertionError("the leaders cannot be placed", last);
    }

    /** Else this case would be one of two nodes that fail at about the same time. */
    private void awaitInStep() throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        String missing = "nothing asked yet";
        while (System.nanoTime() < deadline) {
            missing = notInStep();
            if (missing.isEmpty()) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError("not all replicas are in step: " + missing);
    }

    private String notInStep() {
        try (Connection connection = DriverManager.getConnection(url(3));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW REPLICAS")) {
            while (rows.next()) {
                String role = rows.getString("ROLE");
                boolean works = role.equals("LEADER") || role.equals("FOLLOWER");
                if (!works || !rows.getBoolean("IN_SYNC") || rows.getLong("LAG") > 0) {
                    return rows.getString("NODE") + " p" + rows.getInt("PARTITION_ID") + " " + role;
                }
            }
            return "";
        } catch (SQLException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void run(Case one) throws Exception {
        cluster.startAll();
        awaitInStep();
        placeLeaders();
        awaitInStep();
        String outcome;
        long begun;
        CompletableFuture<Long> companionDied = new CompletableFuture<>();
        Thread companion = new Thread(() -> dieTogether(one, companionDied), "companion");
        try (Connection client = DriverManager.getConnection(url(one.router()));
                Statement statement = client.createStatement()) {
            client.setAutoCommit(false);
            Patience.until(() -> changeBoth(client, statement));
            Files.writeString(armed, one.place());
            if (!one.also().isEmpty()) {
                companion.start();
            }
            begun = System.nanoTime();
            try {
                client.commit();
                outcome = "committed";
            } catch (SQLException e) {
                outcome = e.getSQLState();
            }
        }
        long answered = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
        String dead = one.also().isEmpty() ? awaitDeath(one) : "two, " + one.also() + " being one";
        long since = one.also().isEmpty() ? begun : companionDied.get(90, TimeUnit.SECONDS);
        int found = awaitFinished(dead);
        long finished = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
        boolean committed = found == value + 1;
        String line = "| " + one.place() + " | " + dead + (one.router() == 1 ? ", also router" : "") + " | "
                + (committed ? "committed" : "aborted") + " | " + outcome + " | " + answered + " | " + finished + " |";
        table.add(line);
        switch (outcome) {
            case "committed" -> assertTrue(committed, line);
            case "40001" -> assertFalse(committed, line);
            case "08007" -> assertFalse(one.also().isEmpty(), "the client was not told: " + line);
            default -> throw new AssertionError("the client was not told: " + line);
        }
        assertTrue(finished <= LIMIT_MILLIS, line);
        value = found;
    }

    private int changeBoth(Connection client, Statement statement) throws SQLException {
        try {
            for (int id : idByPartition.values()) {
                assertEquals(1, statement.executeUpdate("UPDATE t SET n = " + (value + 1) + " WHERE id = " + id));
            }
            return idByPartition.size();
        } catch (SQLException e) {
            client.rollback();
            throw e;
        }
    }

    /**
     * Kills the other one when the first dies, and starts both again; done with the moment from which on everything runs.
     */
    private void dieTogether(Case one, CompletableFuture<Long> done) {
        try {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
            while (Files.exists(armed) && System.nanoTime() < deadline) {
                TimeUnit.MICROSECONDS.sleep(200); // between two looks
            }
            assertFalse(Files.exists(armed), "nobody came by " + one.place());
            cluster.kill(one.also());
            while (running() > FaultyCluster.NODES - 2) {
                assertTrue(System.nanoTime() < deadline, "two are to be dead");
                TimeUnit.MILLISECONDS.sleep(5);
            }
            cluster.startAll();
            done.complete(System.nanoTime());
        } catch (Exception | AssertionError e) {
            done.completeExceptionally(e);
        }
    }

    private int running() throws IOException {
        int running = 0;
        for (String name : FaultyCluster.nodeNames()) {
            running += cluster.process(name).isRunning() ? 1 : 0;
        }
        return running;
    }

    /** Who died; the place may be reached a moment after the client has its answer. */
    private String awaitDeath(Case one) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (System.nanoTime() < deadline) {
            for (String name : FaultyCluster.nodeNames()) {
                if (!cluster.process(name).isRunning()) {
                    assertFalse(Files.exists(armed), name + " died, but not at " + one.place());
                    return name;
                }
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
        throw new AssertionError("nobody came by " + one.place());
    }

    /** Both rows can be locked and are of one transaction; the value they have. */
    private int awaitFinished(String dead) throws Exception {
        int alive = dead.equals("node3") ? 1 : 3;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        SQLException last = null;
        while (System.nanoTime() < deadline) {
            try (Connection connection = DriverManager.getConnection(url(alive));
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                Map<Integer, Integer> values = new TreeMap<>();
                try (ResultSet rows = statement.executeQuery("SELECT id, n FROM t FOR UPDATE")) {
                    while (rows.next()) {
                        values.put(rows.getInt(1), rows.getInt(2));
                    }
                }
                connection.rollback();
                assertEquals(2, values.size());
                int first = values.values().iterator().next();
                assertEquals(List.of(first, first), List.copyOf(values.values()), "half of a transaction");
                assertTrue(first == value || first == value + 1);
                return first;
            } catch (SQLException e) {
                last = e;
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
        throw new AssertionError("still locked", last);
    }
}
