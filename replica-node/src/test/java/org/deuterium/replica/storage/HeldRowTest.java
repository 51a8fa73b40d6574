package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a statement that meets a locked row says of it, whatever statement it is. */
class HeldRowTest {

    @TempDir
    Path directory;

    private TwoReplicas replicas;

    @BeforeEach
    void open() {
        replicas = new TwoReplicas(directory);
        replicas.schema("CREATE TABLE T(ID INT PRIMARY KEY, V VARCHAR(10) NOT NULL)");
        replicas.execute("INSERT INTO T VALUES (1,'a'),(2,'b')");
    }

    @AfterEach
    void close() {
        replicas.close();
    }

    /** Who waits is woken by the end of this transaction. */
    @Test
    void whoHoldsWhatAStatementWaitsForIsKnownByItsNumber() {
        Branch holder = replicas.branch();
        replicas.run(holder, "UPDATE T SET V='h' WHERE ID=1");
        replicas.run(holder, "INSERT INTO T VALUES (9,'n')");
        assertNotEquals(0, holder.h2Number());
        for (String sql : List.of(
                "UPDATE T SET V='w' WHERE ID=1",
                "DELETE FROM T",
                "SELECT * FROM T WHERE ID=1 FOR UPDATE",
                "INSERT INTO T VALUES (9,'m')",
                "MERGE INTO T VALUES (9,'m')")) {
            Branch waiter = replicas.branch();
            StatementResult result =
                    waiter.execute(TwoReplicas.statement(sql, ParameterRows.NONE, 0, KeysWanted.NONE), 10);
            assertEquals(StatementResult.Kind.LOCKED, result.kind(), sql);
            StatementResult.HeldRow row = assertInstanceOf(StatementResult.HeldRow.class, result.lock(), sql);
            assertEquals(holder.h2Number(), row.h2Number(), sql);
            waiter.rollback();
        }
        holder.rollback();
        replicas.assertEqual();
    }
}
