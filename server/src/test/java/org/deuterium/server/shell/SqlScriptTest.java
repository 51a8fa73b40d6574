package org.deuterium.server.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The SQL shell: where statements end, and how results are printed. */
class SqlScriptTest {

    @Test
    void cutsAtSemicolonsThatEndStatements() {
        assertEquals(
                List.of("SELECT ';', \";\", $$;$$ /* ; */", "-- one;\nSELECT 2"),
                StatementSplitter.split("SELECT ';', \";\", $$;$$ /* ; */;; -- nothing;\n;\n-- one;\nSELECT 2\n;"));
        assertEquals(List.of(), StatementSplitter.split(" ; -- only a comment"));
    }

    @Test
    void printsAlignedColumnsAndCounts() throws SQLException {
        assertEquals(
                """
                0 rows changed
                2 rows changed
                ID  NAME
                --  ----
                 1  a
                22  null
                (2 rows)
                N
                -
                (0 rows)
                """,
                run("CREATE TABLE t (id INT, name VARCHAR); INSERT INTO t VALUES (1, 'a'), (22, NULL);"
                        + "SELECT * FROM t ORDER BY id; SELECT 1 AS n FROM t WHERE FALSE"));
    }

    @Test
    void endsAtTheFirstFailure() {
        assertThrows(SQLException.class, () -> run("SELECT 1; SELECT nothing; SELECT 2"));
    }

    private static String run(String script) throws SQLException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
            new SqlScript(connection, out).run(script);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
