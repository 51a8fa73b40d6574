package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;

/** Two partitions on three nodes, and transfers between them that a test takes as far as it likes, as a router would. */
final class TwoPartitions implements AutoCloseable {

    static final PartitionId ONE = PartitionId.HOME;
    static final PartitionId TWO = new PartitionId(1);
    static final List<PartitionId> BOTH = List.of(ONE, TWO);

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);

    /** From then on leaders may ask each other what becomes of what is prepared, and decide without the router. */
    private static final long LEFT_ALONE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_900);

    final FakeCluster cluster;

    private long preparedNanos;

    /** The machine stood still so long that the leaders, left alone, have rolled back what is half prepared. */
    private static final class LeftAlone extends Exception {
        private static final long serialVersionUID = 1;

        LeftAlone(Message said) {
            super(said.toString());
        }
    }

    /** @param rows of both partitions: (ID, V), (ID, V) */
    TwoPartitions(Path directory, String rows) throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(ONE);
        cluster.createPartition(TWO);
        cluster.schema(ONE, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.ask(new AwaitSchema(TWO, cluster.board.decidedVersion()));
        for (PartitionId partition : BOTH) {
            cluster.update(partition, "INSERT INTO T VALUES " + rows);
        }
    }

    /** All replicas of both partitions have everything. */
    void awaitEqualReplicas() throws Exception {
        for (PartitionId partition : BOTH) {
            cluster.awaitEqualReplicas(partition, id(1), id(2), id(3));
        }
    }

    long valueOfOne(PartitionId partition) throws Exception {
        return cluster.number(partition, "SELECT V FROM T WHERE ID = 1");
    }

    /** Takes one from the first partition to the second, up to where both are prepared; gives the commit's timestamp. */
    Timestamp prepareTransfer(TransactionId transfer) throws Exception {
        cluster.inBranch(ONE, transfer, true, "UPDATE T SET V = V - 1 WHERE ID = 1");
        cluster.inBranch(TWO, transfer, true, "UPDATE T SET V = V + 1 WHERE ID = 1");
        Timestamp first = prepareFirst(transfer);
        return first.max(unlessLeftAlone(cluster.ask(new PrepareBranch(TWO, transfer, BOTH))));
    }

    /** In the first partition only. */
    Timestamp prepareFirst(TransactionId transfer) throws Exception {
        preparedNanos = System.nanoTime();
        return timestamp(cluster.ask(new PrepareBranch(ONE, transfer, BOTH)));
    }

    void decide(PartitionId partition, TransactionId transfer, Timestamp commit) throws Exception {
        unlessLeftAlone(cluster.ask(new DecideBranch(partition, transfer, true, commit)));
    }

    private Timestamp unlessLeftAlone(Message answer) throws LeftAlone {
        if (!(answer instanceof PositionedAnswer) && isLeftAlone(preparedNanos)) {
            throw new LeftAlone(answer);
        }
        return timestamp(answer);
    }

    /** Something that a slow machine may bring to nothing. */
    interface Attempt {
        boolean succeeds() throws Exception;
    }

    /** Tries until it has succeeded so many times. */
    static void sometimes(int times, Attempt attempt) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        int done = 0;
        while (done < times) {
            assertTrue(System.nanoTime() < deadline, "it does not come to pass in time");
            try {
                done += attempt.succeeds() ? 1 : 0;
            } catch (LeftAlone e) {
                // once more
            }
        }
    }

    /** True if what was prepared at this time may by now have been decided by the leaders, because the machine stood still. */
    static boolean isLeftAlone(long preparedNanos) {
        return System.nanoTime() - preparedNanos > LEFT_ALONE_NANOS;
    }

    static Message await(CompletableFuture<Message> answer) throws Exception {
        return answer.get(60, TimeUnit.SECONDS);
    }

    static boolean isMissed(Message answer) {
        return answer instanceof PositionedAnswer positioned
                && positioned.answer() instanceof Failure failure
                && failure.error() == ErrorCode.CUT_MISSED;
    }

    /** The one number of a positioned answer. */
    static long value(Message answer) {
        PositionedAnswer positioned = assertInstanceOf(PositionedAnswer.class, answer, answer::toString);
        RowsPage page = assertInstanceOf(RowsPage.class, positioned.answer(), answer::toString);
        assertEquals(1, page.rowCount());
        WireReader in = new WireReader(page.rows());
        in.readByte();
        return in.readZLong();
    }

    static Timestamp timestamp(Message answer) {
        return assertInstanceOf(PositionedAnswer.class, answer, answer::toString)
                .timestamp();
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
