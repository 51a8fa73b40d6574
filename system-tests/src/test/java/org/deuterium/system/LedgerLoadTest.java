package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The measuring stick itself: the load finds nothing wrong with one H2, and finds what is made wrong. */
class LedgerLoadTest {

    private static final String URL = "jdbc:h2:mem:ledger;DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000";

    @Test
    void oneH2KeepsEveryPromise_andAPlantedLossIsFound() throws Exception {
        LedgerLoad load = new LedgerLoad(URL, 3, 1);
        load.createTables("");
        load.start();
        assertTrue(load.awaitAcknowledged(0, 500, 30_000), load.summary());
        load.stop();
        assertEquals(List.of(), load.findViolations());
        try (Connection connection = DriverManager.getConnection(URL);
                Statement statement = connection.createStatement()) {
            statement.execute("DELETE FROM LEDGER WHERE ID = (SELECT MIN(ID) FROM LEDGER)");
            List<String> violations = load.findViolations();
            assertEquals(2, violations.size(), violations.toString());
            statement.execute("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE REGION = 0 AND ID = 0");
            assertEquals(3, load.findViolations().size());
            statement.execute("SHUTDOWN");
        }
    }
}
