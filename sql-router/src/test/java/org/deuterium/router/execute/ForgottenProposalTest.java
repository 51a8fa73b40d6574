package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.sql.SQLException;
import org.deuterium.router.plan.SchemaChangePlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.partition.FenceSchemaChange;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The board is out of reach while a schema change is under way: its proposal must not hold back the cluster for ever. */
class ForgottenProposalTest {

    private ExecutorFixture router;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    private ExecutorFixture.Answered change(String sql) {
        SchemaChangePlan plan = (SchemaChangePlan) router.planner.plan(sql, "PUBLIC");
        return router.run(plan, ParameterRows.NONE);
    }

    @Test
    void aProposalThatCouldNotBeDecidedIsDroppedWhenTheBoardAnswersAgain() throws Exception {
        router.partitions.refuse(request -> {
            router.board.unreachable(request instanceof FenceSchemaChange);
            return false;
        });
        assertEquals(
                ErrorCode.OUTCOME_UNKNOWN,
                change("CREATE TABLE T(K INT PRIMARY KEY)").failure().error());
        assertNotNull(router.board.proposal());
        router.partitions.refuse(request -> false);
        router.board.unreachable(false);
        Eventually.until(() -> router.board.proposal() == null);
        assertInstanceOf(
                UpdateCounts.class, change("CREATE TABLE T(K INT PRIMARY KEY)").message());
        assertNull(router.board.proposal());
        assertEquals(1, router.board.version());
    }
}
