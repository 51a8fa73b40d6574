package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.EventLoops;
import org.deuterium.transport.MessageConnection;
import org.deuterium.transport.MessageServer;
import org.deuterium.transport.TransportSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.PartitionMessages;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.replication.PeerHello;
import org.deuterium.wire.replication.PeerMessages;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.StatementMessages;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way to leaders on other nodes: connections made when needed, and what a broken one means. */
class PeerConnectionsTest {

    private static final NodeId HERE = new NodeId("here");
    private static final NodeId THERE = new NodeId("there");
    private static final MessageCodec CODEC =
            new MessageCodec(List.of(new StatementMessages(), new PartitionMessages(), new PeerMessages()));

    private final EventLoops loops = new EventLoops("peer-test", 2);
    private final ExecutorService waiters = Executors.newSingleThreadExecutor();
    private FakeBoard board;
    private FakePartitions partitions;
    private MessageServer server;
    private PeerConnections connections;
    private PartitionLeaders leaders;
    private volatile boolean hangUp;

    @BeforeEach
    void open() throws IOException {
        board = new FakeBoard(HERE);
        partitions = new FakePartitions(THERE, board);
        server = listen(0);
        board.addNode(THERE, server.address());
        board.lead(PartitionId.HOME, THERE);
        PeerHello hello = new PeerHello("test", HERE, new NodeAddress("127.0.0.1", 1));
        connections = new PeerConnections(board, hello, loops, CODEC, TransportSettings.defaults());
        leaders = new PartitionLeaders(HERE, board, null, connections, waiters);
    }

    @AfterEach
    void close() throws SQLException {
        connections.close();
        server.close();
        loops.close();
        waiters.shutdownNow();
        partitions.close();
    }

    private MessageServer listen(int port) throws IOException {
        return MessageServer.listen(
                loops, "127.0.0.1", port, CODEC, TransportSettings.defaults(), connection -> new Node());
    }

    /** A node that lets others in and asks its fake partitions. */
    private final class Node implements ConnectionHandler {

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            if (message instanceof PeerHello) {
                connection.identified();
                connection.send(correlation, new Done());
            } else if (hangUp) {
                connection.close();
            } else {
                partitions.handle((PartitionRequest) message, answer -> connection.send(correlation, answer));
            }
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {}
    }

    private static PartitionRequest reserve() {
        return new ReserveSequence(PartitionId.HOME, 0, "PUBLIC.S", 10);
    }

    private CompletableFuture<Message> call(PartitionRequest request) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leaders.call(THERE, request, answer::complete);
        return answer;
    }

    @Test
    void asksAnotherNode() {
        for (int i = 0; i < 20; i++) {
            SequenceBlock block = assertInstanceOf(SequenceBlock.class, ExecutorFixture.get(call(reserve())));
            assertEquals(1 + 10 * i, block.first());
        }
        assertTrue(server.connectionCount() <= 2, server.connectionCount() + " connections");
    }

    @Test
    void aBrokenConnectionMayHaveDoneTheRequest() {
        ExecutorFixture.get(call(reserve()));
        hangUp = true;
        Failure failure = assertInstanceOf(Failure.class, ExecutorFixture.get(call(reserve())));
        assertEquals(ErrorCode.CONNECTION_BROKEN, failure.error());
        hangUp = false;
        CompletableFuture<Message> next = new CompletableFuture<>();
        leaders.callLeader(reserve(), true, next::complete);
        assertInstanceOf(SequenceBlock.class, ExecutorFixture.get(next));
    }

    @Test
    void aNodeThatCannotBeReachedSurelyDidNothing() {
        board.addNode(THERE, new NodeAddress("127.0.0.1", 1));
        Failure failure = assertInstanceOf(Failure.class, ExecutorFixture.get(call(reserve())));
        assertEquals(ErrorCode.NO_LEADER, failure.error());
    }

    /** Else a rollback would not reach the node that still holds the locks. */
    @Test
    void aNodeWhoseSessionEndedIsAskedAsLongAsTheConnectionStands() {
        ExecutorFixture.get(call(reserve()));
        board.removeNode(THERE);
        assertInstanceOf(SequenceBlock.class, ExecutorFixture.get(call(reserve())));
        hangUp = true;
        ExecutorFixture.get(call(reserve()));
        hangUp = false;
        Failure failure = assertInstanceOf(Failure.class, ExecutorFixture.get(call(reserve())));
        assertEquals(ErrorCode.NO_LEADER, failure.error());
    }

    @Test
    void aRepeatableRequestWaitsForTheNodeToComeBack() throws IOException {
        ExecutorFixture.get(call(reserve()));
        int port = server.address().port();
        server.close();
        CompletableFuture<Message> answer = new CompletableFuture<>();
        leaders.callLeader(new AwaitSchema(PartitionId.HOME, 0), true, answer::complete);
        server = listen(port);
        assertInstanceOf(Done.class, ExecutorFixture.get(answer));
    }
}
