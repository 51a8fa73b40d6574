package org.deuterium.router.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.Test;

/** A schema change that its fences let pass, and that fails where it is run all the same. */
class FailedSchemaChangeTest extends BesideH2 {

    /** The leaders of this test look at no data before they agree. */
    @Test
    void isNeverToldAsSuccess() throws SQLException {
        client.update("CREATE TABLE H(ID INT PRIMARY KEY) PARTITION BY HASH(ID) PARTITIONS 2");
        client.update("CREATE TABLE T(ID INT PRIMARY KEY, K VARCHAR UNIQUE)");
        client.update("INSERT INTO T VALUES (1, '1'), (2, '01')");
        Failure failure = client.refused("ALTER TABLE T ALTER COLUMN K SET DATA TYPE INT");
        assertEquals("23505", failure.sqlState());
        assertTrue(failure.message().contains("partitions [p0]"), failure.message());
    }
}
