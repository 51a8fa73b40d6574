package org.deuterium.replica;

import static org.deuterium.replica.FakeCluster.id;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Leases, planned transfers and changes of the ack rule at leaders with real logs and databases. */
@Timeout(240)
class LeadershipTest {

    private static final PartitionId P = PartitionId.HOME;

    @TempDir
    Path directory;

    private FakeCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = new FakeCluster(directory, HostSettings.DEFAULT);
        for (int i = 1; i <= 3; i++) {
            cluster.start(i);
        }
        cluster.createPartition(P);
        cluster.schema(P, "CREATE TABLE T(ID BIGINT PRIMARY KEY, V BIGINT NOT NULL)");
        cluster.update(P, "INSERT INTO T VALUES(1, 0)");
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    /** The answer of this very node, whether it leads or not. */
    private Message ask(FakeCluster.Node node, TransactionId transaction, boolean begins, boolean ends, String sql)
            throws Exception {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        node.service().handle(cluster.statement(P, transaction, begins, ends, sql), answer::complete);
        return answer.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aLeaderThatIsCutOffDoesNotSayWhatItReads() throws Exception {
        NodeId first = cluster.board.awaitLeader(P);
        TransactionId open = openedWithARead(cluster.node(first));
        FakeCluster.Node cut = cluster.cutOff(first);
        cluster.board.awaitLeader(P);
        cluster.update(P, "UPDATE T SET V = 7 WHERE ID = 1");
        // another leader has committed: the old one, which knows nothing of it, must not answer 0
        Failure alone = assertInstanceOf(
                Failure.class, ask(cut, cluster.newTransaction(), true, true, "SELECT V FROM T WHERE ID = 1"));
        assertEquals(ErrorCode.NO_LEASE, alone.error());
        Failure inTransaction =
                assertInstanceOf(Failure.class, ask(cut, open, false, false, "SELECT V FROM T WHERE ID = 1"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, inTransaction.error());
        cluster.reconnect(first, cut);
        cluster.awaitEqualReplicas(P, id(1), id(2), id(3));
        assertEquals(7, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    /** Tried until it has a lease, which the machine may have slept away. */
    private TransactionId openedWithARead(FakeCluster.Node leader) throws Exception {
        AtomicReference<TransactionId> open = new AtomicReference<>();
        FakeCluster.awaitThat("a read in a transaction", () -> {
            open.set(cluster.newTransaction());
            try {
                return ask(leader, open.get(), true, false, "SELECT V FROM T WHERE ID = 1") instanceof RowsPage;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
        return open.get();
    }

    private @Nullable Failure transfer(NodeId from, NodeId target, long waitMillis) throws Exception {
        CompletableFuture<Optional<Failure>> done = new CompletableFuture<>();
        cluster.node(from)
                .service()
                .transferLeader(P, target, waitMillis, failure -> done.complete(Optional.ofNullable(failure)));
        return done.get(60, TimeUnit.SECONDS).orElse(null);
    }

    @Test
    void theLeadIsHandedOverAndClientsOnlyWait() throws Exception {
        NodeId first = cluster.board.awaitLeader(P);
        NodeId target = first.equals(id(3)) ? id(2) : id(3);
        TransactionId open = cluster.newTransaction();
        cluster.inBranch(P, open, true, "UPDATE T SET V = V + 100 WHERE ID = 1");
        CompletableFuture<Optional<Failure>> done = new CompletableFuture<>();
        cluster.node(first)
                .service()
                .transferLeader(P, target, 20_000, failure -> done.complete(Optional.ofNullable(failure)));
        cluster.end(P, open, true); // it was open, and may end
        cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1"); // waits for the next leader
        assertNull(done.get(60, TimeUnit.SECONDS).orElse(null));
        assertEquals(target, cluster.board.awaitLeader(P));
        assertEquals(101, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        assertNull(transfer(target, target, 1_000), "it leads already");
    }

    @Test
    void aTransactionThatDoesNotEndIsRolledBackForTheTransfer() throws Exception {
        NodeId first = cluster.board.awaitLeader(P);
        NodeId target = first.equals(id(3)) ? id(2) : id(3);
        TransactionId open = cluster.newTransaction();
        cluster.inBranch(P, open, true, "UPDATE T SET V = 100 WHERE ID = 1");
        assertNull(transfer(first, target, 200));
        Failure lost =
                assertInstanceOf(Failure.class, cluster.inBranch(P, open, false, "UPDATE T SET V = 101 WHERE ID = 1"));
        assertEquals(ErrorCode.TRANSACTION_ROLLED_BACK, lost.error());
        assertEquals(0, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    @Test
    void aTargetThatCannotCatchUpLeavesTheLeadWhereItIs() throws Exception {
        NodeId first = cluster.board.awaitLeader(P);
        NodeId target = first.equals(id(3)) ? id(2) : id(3);
        cluster.cutOff(target);
        cluster.update(P, "UPDATE T SET V = 3 WHERE ID = 1");
        Failure failure = transfer(first, target, 300);
        assertNotNull(failure);
        assertEquals(first, cluster.board.awaitLeader(P));
        assertEquals(3, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        assertNotNull(transfer(first, new NodeId("stranger"), 300));
    }

    @Test
    void whileNobodyCanBeElectedTheLeadStays() throws Exception {
        NodeId first = cluster.board.awaitLeader(P);
        NodeId target = first.equals(id(3)) ? id(2) : id(3);
        TransactionId open = cluster.newTransaction();
        cluster.inBranch(P, open, true, "UPDATE T SET V = 8 WHERE ID = 1");
        cluster.board.reached = false;
        Failure failure = transfer(first, target, 300);
        assertNotNull(failure);
        assertEquals(ErrorCode.NOT_READY, failure.error());
        cluster.end(P, open, true); // no transaction was ended for it
        assertEquals(first, cluster.board.awaitLeader(P));
        assertEquals(8, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
    }

    private @Nullable Failure change(AckRule rule) throws Exception {
        CompletableFuture<Optional<Failure>> done = new CompletableFuture<>();
        cluster.node(cluster.board.awaitLeader(P))
                .service()
                .changeAckRule(P, rule, 20_000, failure -> done.complete(Optional.ofNullable(failure)));
        return done.get(60, TimeUnit.SECONDS).orElse(null);
    }

    @Test
    void theAckRuleChangesWhileWritesGoOn() throws Exception {
        int written = 0;
        for (AckRule rule :
                new AckRule[] {AckRule.semiSync(1), AckRule.sync(2), AckRule.chain(2), AckRule.ASYNC, AckRule.QUORUM}) {
            assertNull(change(rule), () -> rule + " was refused");
            assertEquals(rule, cluster.board.current(P).ackRule());
            cluster.update(P, "UPDATE T SET V = V + 1 WHERE ID = 1");
            assertEquals(++written, cluster.number(P, "SELECT V FROM T WHERE ID = 1"));
        }
        Failure refused = change(AckRule.semiSync(3));
        assertNotNull(refused);
        assertEquals(ErrorCode.NOT_SUPPORTED, refused.error());
    }

    @Test
    void belowMinInSyncWritesAreRefusedAndReadsAnswered() throws Exception {
        assertNull(change(AckRule.sync(2)));
        NodeId first = cluster.board.awaitLeader(P);
        for (int i = 1; i <= 3; i++) {
            if (!first.equals(id(i))) {
                cluster.cutOff(id(i));
            }
        }
        FakeCluster.awaitThat(
                "the leader stands alone",
                () -> cluster.board.current(P).inSync().size() == 1);
        Failure refused = assertInstanceOf(Failure.class, cluster.autocommit(P, "UPDATE T SET V = 5 WHERE ID = 1"));
        assertEquals(ErrorCode.TOO_FEW_IN_SYNC, refused.error());
        FakeCluster.awaitThat("it reads", () -> {
            try {
                return cluster.number(P, "SELECT V FROM T WHERE ID = 1") == 0;
            } catch (Exception | AssertionError e) {
                return false; // not yet confirmed under the new set
            }
        });
    }

    /** Its links still stand for a moment: whoever asks is sent on to the next leader, and not told of a defect. */
    @Test
    void aNodeThatStopsIsNoLeader() throws Exception {
        NodeId leader = cluster.board.current(P).leader();
        FakeCluster.Node stopping = cluster.node(leader);
        cluster.stop(leader);
        Message answer = ask(stopping, cluster.newTransaction(), true, true, "SELECT COUNT(*) FROM T, T AS U");
        assertEquals(
                ErrorCode.NOT_LEADER, assertInstanceOf(Failure.class, answer).error());
        stopping.service().routerGone(7);
        stopping.service().schemaLogChanged();
    }

    /** The router's link broke and stands again: the branch it had begun ends, and then it may begin anew. */
    @Test
    void whatIsBegunAgainWaitsForItsFirstAttemptToEnd() throws Exception {
        FakeCluster.Node leader = cluster.node(cluster.board.current(P).leader());
        TransactionId again = cluster.newTransaction();
        assertInstanceOf(RowsPage.class, ask(leader, again, true, false, "SELECT V FROM T WHERE ID = 1 FOR UPDATE"));
        Message second = ask(leader, again, true, true, "SELECT V FROM T WHERE ID = 1");
        assertEquals(
                ErrorCode.NOT_READY, assertInstanceOf(Failure.class, second).error());
        leader.service().routerGone(again.origin());
        FakeCluster.awaitThat("the first attempt has ended", () -> {
            try {
                return ask(leader, again, true, true, "SELECT V FROM T WHERE ID = 1") instanceof RowsPage;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }
}
