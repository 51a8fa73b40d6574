package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A router over partitions and, beside it, the oracle: one H2 that holds all rows. */
abstract class BesideH2 {

    RouterHarness router;
    TestClient client;
    Connection oracle;

    @BeforeEach
    void open() throws SQLException, IOException {
        router = new RouterHarness();
        client = router.client();
        oracle = DriverManager.getConnection("jdbc:h2:mem:");
    }

    @AfterEach
    void close() throws SQLException {
        oracle.close();
        client.close();
        router.close();
    }

    /** @param clause what H2 does not know, behind the statement */
    void define(String sql, String clause) throws SQLException {
        client.update(sql + clause);
        try (Statement statement = oracle.createStatement()) {
            statement.execute(sql);
        }
    }

    /** A change that counts the same rows here and there. */
    void both(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = oracle.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            assertEquals(statement.executeUpdate(), client.update(sql, values), sql);
        }
    }

    /** The oracle's rows, as {@link TestClient#query} gives them. */
    List<String> expected(String sql) throws SQLException {
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
}
