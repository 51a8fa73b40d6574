package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers of several partitions that are each small enough, and together fit into no message. */
class LargeAnswersOfSeveralTest {

    private static final ParameterRows ROW = ExecutorFixture.parameters(1, 0, 7);

    private ExecutorFixture router;
    private DataPlan insert;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
        router.createTable("CREATE TABLE T(K INT, V INT)");
        insert = router.plan("INSERT INTO T VALUES(?, ?)", true, 2, null);
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    private static UpdateCounts withKeys(int bytes) {
        return new UpdateCounts(
                new long[] {1}, List.of(), new RowsPage(List.of(), 1, new byte[bytes], RowsPage.NO_MORE));
    }

    private Message insertTelling(UpdateCounts told, StatementCall call) throws InterruptedException {
        return AtomicStatement.run(router.leaders, call, "steps", () -> {
            CompletableFuture<Message> done = new CompletableFuture<>();
            new BranchExecution(
                            router.leaders,
                            call,
                            insert.shape(),
                            new PartitionId(1),
                            (asker, leader, reply) -> done.complete(reply))
                    .start(insert.sql(), ROW, 0, true);
            assertInstanceOf(UpdateCounts.class, ExecutorFixture.get(done));
            return told;
        });
    }

    private List<String> rows() {
        DataPlan select = router.plan("SELECT V FROM T WHERE K = ?", false, 1, null);
        return router.rows(router.run(select, ExecutorFixture.parameters(1, 0)));
    }

    @Test
    void aStatementWhoseKeysFitIntoNoAnswerIsUndone() throws InterruptedException {
        Message answer = insertTelling(withKeys(MessageCodec.MAX_FRAME_BYTES - 500), router.call(ROW, 0, null));
        assertEquals(
                ErrorCode.MESSAGE_TOO_LARGE,
                assertInstanceOf(Failure.class, answer).error());
        assertEquals(List.of(), rows());
        assertInstanceOf(UpdateCounts.class, insertTelling(withKeys(500), router.call(ROW, 0, null)));
        assertEquals(List.of("7"), rows());
    }

    @Test
    void whatIsNotRefusedFits() {
        UpdateCounts largest = withKeys(UpdateCounts.LARGEST - 100);
        assertNull(largest.refusal());
        MessageCodec.encodeFrame(largest, 1, new WireWriter());
    }
}
