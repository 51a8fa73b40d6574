package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.router.plan.BoundSql;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.Routing;
import org.deuterium.router.plan.RowLimit;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong on a worker is told to the client, which would wait for ever otherwise. */
class WorkerErrorsTest {

    @Test
    void anErrorIsAnAnswer() throws Exception {
        try (ExecutorFixture router = new ExecutorFixture(1 << 20)) {
            router.createTable("CREATE TABLE T(K INT PRIMARY KEY)");
            DataPlan plan = router.plan(
                    "SELECT K FROM T",
                    false,
                    0,
                    new Merge.Concatenation(new BoundSql("SELECT K FROM T", null), RowLimit.NONE));
            Routing deep = new Routing() {
                @Override
                public String partitionSet() {
                    return plan.routing().partitionSet();
                }

                @Override
                public int slot(ParameterRows parameters, int set) {
                    return SEVERAL;
                }

                @Override
                public int @Nullable [] slots(ParameterRows parameters, int set) {
                    throw new StackOverflowError("too deep");
                }
            };
            ExecutorFixture.Answered answered = router.run(
                    new DataPlan(plan.shape(), plan.sql(), deep, plan.merge(), "", null), ParameterRows.NONE);
            assertEquals(ErrorCode.INTERNAL_ERROR, answered.failure().error());
            assertTrue(
                    answered.failure().message().contains("too deep"),
                    answered.failure().message());
            assertEquals(List.of(), router.rows(router.run(plan, ParameterRows.NONE)));
        }
    }
}
