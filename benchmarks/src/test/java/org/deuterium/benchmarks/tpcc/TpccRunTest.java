package org.deuterium.benchmarks.tpcc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.deuterium.benchmarks.TargetDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The TPC-C-like benchmark on an H2 database: its transactions, its consistency conditions, and what its audit
 * finds.
 */
class TpccRunTest {

    private static final TpccScale SMALL = new TpccScale(2, 30, 200);

    @TempDir
    Path directory;

    @Test
    void runsAllFiveTransactionsAndKeepsTheConsistencyConditions() throws Exception {
        TargetDatabase database = loaded("run");
        Path file = directory.resolve("journal.txt");
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        TpccRun run;
        long committed = 0;
        int runs = 0;
        try (CommitJournal journal = CommitJournal.open(file);
                PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            do { // more than one if the machine stood still
                run = new TpccRun(database, SMALL, 4, journal, (warehouse, wrote, begun, now) -> {}, out);
                run.run(2);
                run.printReport();
                committed += run.committed();
                assertEquals(0, run.errors(), printed.toString(StandardCharsets.UTF_8));
            } while (committed <= 1_000 && ++runs < 20);
        }
        assertTrue(committed > 1_000, printed.toString(StandardCharsets.UTF_8));
        assertTrue(run.tpmC() > 0);
        assertEquals(List.of(), ConsistencyCheck.check(database, SMALL.warehouses()));
        assertTrue(count(database, "SELECT COUNT(*) FROM order_line WHERE ol_supply_w_id <> ol_w_id") > 0);
        assertEquals(
                0,
                count(
                        database,
                        "SELECT COUNT(*) FROM orders WHERE o_all_local = 1 AND EXISTS (SELECT 1"
                                + " FROM order_line WHERE ol_w_id = o_w_id AND ol_d_id = o_d_id AND ol_o_id = o_id"
                                + " AND ol_supply_w_id <> ol_w_id)"));
        assertTrue(count(database, "SELECT COUNT(*) FROM history WHERE h_c_w_id <> h_w_id") > 0);
        JournalAudit.Finding finding = JournalAudit.audit(database, file);
        assertTrue(finding.acknowledged() > 0);
        assertTrue(finding.clean());
        for (TransactionKind kind : TransactionKind.values()) {
            assertTrue(printed.toString(StandardCharsets.UTF_8).contains(kind.label()));
        }
    }

    @Test
    void freshDataIsConsistentAndDamageIsFound() throws Exception {
        TargetDatabase database = loaded("damage");
        assertEquals(List.of(), ConsistencyCheck.check(database, SMALL.warehouses()));
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE warehouse SET w_ytd = w_ytd + 1 WHERE w_id = 1");
            statement.execute("UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = 1 AND d_id = 2");
            statement.execute("DELETE FROM new_order WHERE no_w_id = 2 AND no_d_id = 3 AND no_o_id = 25");
            statement.execute(
                    "DELETE FROM order_line WHERE ol_w_id = 2 AND ol_d_id = 4 AND ol_o_id = 1" + " AND ol_number = 1");
        }
        String violations = String.join("\n", ConsistencyCheck.check(database, SMALL.warehouses()));
        for (int condition = 1; condition <= 4; condition++) {
            assertTrue(violations.contains("condition " + condition + ":"), violations);
        }
    }

    @Test
    void withoutRemoteWarehousesATransactionStaysAtHome() throws Exception {
        TpccScale local = new TpccScale(2, 30, 200, 0);
        TargetDatabase database = loaded("local");
        long committed = 0;
        for (int runs = 0; committed == 0 && runs < 10; runs++) { // more than one if the machine stood still
            TpccRun run = new TpccRun(
                    database,
                    local,
                    2,
                    null,
                    (warehouse, wrote, begun, now) -> {},
                    new PrintStream(new ByteArrayOutputStream()));
            run.run(1);
            committed += run.committed();
        }
        assertTrue(committed > 0);
        assertEquals(0, count(database, "SELECT COUNT(*) FROM order_line WHERE ol_supply_w_id <> ol_w_id"));
        assertEquals(0, count(database, "SELECT COUNT(*) FROM history WHERE h_c_w_id <> h_w_id"));
    }

    @Test
    void damageToASumOverAllWarehousesIsFound() throws Exception {
        TargetDatabase database = loaded("sums");
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE stock SET s_remote_cnt = 1 WHERE s_w_id = 2 AND s_i_id = 7");
            statement.execute("UPDATE customer SET c_ytd_payment = 0 WHERE c_w_id = 2 AND c_d_id = 1 AND c_id = 1");
        }
        String violations = String.join("\n", ConsistencyCheck.check(database, SMALL.warehouses()));
        assertTrue(violations.contains("remote lines:") && violations.contains("payments:"), violations);
    }

    private static long count(TargetDatabase database, String sql) throws Exception {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                java.sql.ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void auditFindsALostTransaction() throws Exception {
        TargetDatabase database = loaded("audit");
        Path file = directory.resolve("lost.txt");
        try (CommitJournal journal = CommitJournal.open(file)) {
            journal.acknowledged(1, 4711);
            journal.unknown(1, 4712);
        }
        JournalAudit.Finding finding = JournalAudit.audit(database, file);
        assertFalse(finding.clean());
        assertEquals(List.of(new CommitJournal.Entry(1, 4711)), finding.lost());
    }

    @Test
    void commandLoadsRunsAndChecks() {
        String url = "jdbc:h2:" + directory.resolve("command");
        int exit = new CommandLine(new TpccCommand())
                .execute("--url", url, "--customers", "20", "--items", "100", "--terminals", "2", "--duration", "1");
        assertEquals(0, exit);
    }

    @Test
    void lastNamesAreThoseOfTheSpecification() {
        assertEquals("BARBARBAR", TpccRandom.lastName(0));
        assertEquals("PRICALLYOUGHT", TpccRandom.lastName(371));
        assertEquals("EINGEINGEING", TpccRandom.lastName(999));
    }

    private static TargetDatabase loaded(String name) throws Exception {
        TargetDatabase database = new TargetDatabase("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1", null, null);
        new TpccLoader(database, SMALL, 2, new PrintStream(new ByteArrayOutputStream())).load();
        return database;
    }
}
