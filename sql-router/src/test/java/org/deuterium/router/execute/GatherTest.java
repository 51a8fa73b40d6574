package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.deuterium.router.execute.ExecutorFixture.Answered;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RowLimit;
import org.deuterium.router.reads.ReadRules;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.partition.HoldMoment;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queries over several partitions give what one H2 with all the rows gives. */
class GatherTest {

    private static final int ROWS = 200;
    private static final String TABLE = "CREATE TABLE T(K INT PRIMARY KEY, G INT, V VARCHAR)";

    private ExecutorFixture router;
    private Connection oracle;

    @BeforeEach
    void fill() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable(TABLE);
        oracle = DriverManager.getConnection("jdbc:h2:mem:");
        Random random = new Random(42);
        DataPlan insert = router.plan("INSERT INTO T VALUES(?, ?, ?)", true, 3, null);
        try (Statement statement = oracle.createStatement()) {
            statement.execute(TABLE);
        }
        try (PreparedStatement same = oracle.prepareStatement("INSERT INTO T VALUES(?, ?, ?)")) {
            List<@Nullable Object> values = new ArrayList<>();
            for (int k = 0; k < ROWS; k++) {
                Integer group = random.nextInt(10) == 0 ? null : random.nextInt(7);
                String text = random.nextInt(8) == 0 ? null : "v" + random.nextInt(40);
                Collections.addAll(values, k, group, text);
                same.setObject(1, k);
                same.setObject(2, group);
                same.setObject(3, text);
                same.execute();
            }
            Answered inserted = router.run(insert, ExecutorFixture.parameters(ROWS, values.toArray()));
            assertEquals(List.of(), ((UpdateCounts) inserted.message()).failures());
        }
    }

    @AfterEach
    void close() throws SQLException {
        oracle.close();
        router.close();
    }

    private List<String> oracle(String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = oracle.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            int width = result.getMetaData().getColumnCount();
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= width; i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", row));
            }
        }
        return rows;
    }

    private Answered run(Merge merge, int fetchSize) {
        return router.run(router.plan("unused", false, 0, merge), router.call(ParameterRows.NONE, fetchSize, null));
    }

    private static BoundSql text(String sql) {
        return new BoundSql(sql, null);
    }

    private static RowLimit limit(@Nullable Integer offset, @Nullable Integer fetch) {
        return new RowLimit(
                offset == null ? null : (parameters, set) -> offset, fetch == null ? null : (parameters, set) -> fetch);
    }

    /** It promises what leaders do: a moment that all have closed before any shows it. */
    @Test
    void aMomentReadAtTailsIsClosedAtTheLeadersFirst_andThenLetGo() throws Exception {
        StatementCall call = router.call(ParameterRows.NONE, 0, null);
        call.reads().rules(ReadRules.DEFAULT.withPreference("tail"));
        Merge merge = new Merge.Concatenation(text("SELECT K, V FROM T"), RowLimit.NONE);
        router.partitions.seen.clear();
        assertEquals(
                ROWS,
                router.rows(router.run(router.plan("unused", false, 0, merge), call))
                        .size());
        assertEquals(4, held(false));
        assertEquals(4, held(true), "nobody asks leaders of chains for it");
        call = router.call(ParameterRows.NONE, 0, null);
        call.reads().rules(ReadRules.DEFAULT.withPreference("follower"));
        router.partitions.seen.clear();
        router.rows(router.run(router.plan("unused", false, 0, merge), call));
        assertEquals(0, held(false), "followers may be a little behind");
    }

    private long held(boolean letGo) {
        return List.copyOf(router.partitions.seen).stream()
                .filter(request -> request instanceof HoldMoment moment && moment.letGo() == letGo)
                .count();
    }

    @Test
    void concatenatesPageByPage() throws SQLException {
        Answered answer = run(new Merge.Concatenation(text("SELECT K, V FROM T"), RowLimit.NONE), 7);
        assertEquals(7, ((RowsPage) answer.message()).rowCount());
        List<String> rows = router.rows(answer);
        Collections.sort(rows);
        List<String> expected = oracle("SELECT K, V FROM T");
        Collections.sort(expected);
        assertEquals(expected, rows);
        assertEquals(0, router.partitions.openCursors());
    }

    @Test
    void closesWhatIsNotRead() {
        Answered answer = run(new Merge.Concatenation(text("SELECT K, V FROM T"), RowLimit.NONE), 7);
        assertTrue(router.partitions.openCursors() > 0);
        OpenRows more = answer.more();
        assertNotNull(more);
        more.close();
        // Closing is not answered; a later question to the same fake partition shows that it was done.
        Eventually.until(() -> router.partitions.openCursors() == 0);
    }

    @Test
    void limitsAConcatenation() {
        Answered answer = run(new Merge.Concatenation(text("SELECT K, V FROM T LIMIT 30"), limit(10, 20)), 0);
        assertEquals(20, router.rows(answer).size());
        Eventually.until(() -> router.partitions.openCursors() == 0);
    }

    @Test
    void mergesInOrder() throws SQLException {
        String[] orders = {"V, K", "V DESC, K", "V NULLS LAST, K DESC", "G DESC NULLS FIRST, V, K"};
        List<List<Merge.SortKey>> keys = List.of(
                List.of(new Merge.SortKey(2, false, null), new Merge.SortKey(0, false, null)),
                List.of(new Merge.SortKey(2, true, null), new Merge.SortKey(0, false, null)),
                List.of(new Merge.SortKey(2, false, false), new Merge.SortKey(0, true, null)),
                List.of(
                        new Merge.SortKey(1, true, true),
                        new Merge.SortKey(2, false, null),
                        new Merge.SortKey(0, false, null)));
        for (int i = 0; i < orders.length; i++) {
            String sql = "SELECT K, G, V FROM T ORDER BY " + orders[i];
            Merge.OrderedMerge all = new Merge.OrderedMerge(text(sql), 3, keys.get(i), RowLimit.NONE);
            assertEquals(oracle(sql), router.rows(run(all, 5)), orders[i]);
            Merge.OrderedMerge some = new Merge.OrderedMerge(text(sql), 1, keys.get(i), limit(13, 50));
            String limited = "SELECT K FROM T ORDER BY " + orders[i] + " OFFSET 13 ROWS FETCH NEXT 50 ROWS ONLY";
            assertEquals(oracle(limited), router.rows(run(some, 0)), limited);
        }
    }

    @Test
    void combinesGroups() throws SQLException {
        Merge.Combination combination = new Merge.Combination(
                text("SELECT G, COUNT(*), SUM(K), MIN(V) FROM T GROUP BY G"),
                router.plan("", false, 4, null).shape().parameters(),
                text("SELECT C0, CAST(SUM(C1) AS BIGINT), SUM(C2), MIN(C3) FROM TABLE(C0 INT = ?1, C1 BIGINT = ?2,"
                        + " C2 BIGINT = ?3, C3 VARCHAR = ?4) GROUP BY C0 ORDER BY C0"));
        assertEquals(
                oracle("SELECT G, COUNT(*), SUM(K), MIN(V) FROM T GROUP BY G ORDER BY G"),
                router.rows(run(combination, 0)));
    }

    @Test
    void stopsWithAClearErrorWhenAGroupingNeedsTooMuchMemory() throws SQLException {
        try (ExecutorFixture small = new ExecutorFixture(100)) {
            small.createTable(TABLE);
            DataPlan insert = small.plan("INSERT INTO T VALUES(?, ?, ?)", true, 3, null);
            for (int k = 0; k < 8; k++) {
                small.run(insert, ExecutorFixture.parameters(1, k, k, "a text of some twenty letters"));
            }
            Merge.Combination combination = new Merge.Combination(
                    text("SELECT V FROM T"),
                    small.plan("", false, 1, null).shape().parameters(),
                    text("unused"));
            Answered answer = small.run(small.plan("unused", false, 0, combination), ParameterRows.NONE);
            assertEquals(ErrorCode.LIMIT_EXCEEDED, answer.failure().error());
        }
    }

    @Test
    void saysWhatH2SaysWhenAPartitionFails() {
        Answered answer = run(new Merge.Concatenation(text("SELECT 1/(K-7), V FROM T"), RowLimit.NONE), 0);
        assertEquals("22012", answer.failure().sqlState());
        Eventually.until(() -> router.partitions.openCursors() == 0);
    }
}
