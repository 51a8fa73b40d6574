package org.deuterium.router.session;

import java.io.IOException;
import java.sql.SQLException;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.router.execute.FakeBoard;
import org.deuterium.router.execute.FakePartitions;
import org.deuterium.router.execute.NodeCalls;
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
import org.deuterium.wire.client.ClientMessages;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.StatementMessages;
import org.jspecify.annotations.Nullable;

/** A whole router behind a real port, over fake partitions and a board in memory. */
final class RouterHarness implements AutoCloseable {

    static final NodeId SELF = new NodeId("n1");
    static final MessageCodec CODEC =
            new MessageCodec(java.util.List.of(new StatementMessages(), new ClientMessages()));

    final EventLoops loops = new EventLoops("test-loop", 2);
    final FakeBoard board;
    final FakePartitions partitions;
    final Router router;
    private final MessageServer server;
    private final boolean ownsPartitions;

    RouterHarness() throws SQLException, IOException {
        this(RouterSettings.defaults().withDefaultReplicas(1));
    }

    RouterHarness(RouterSettings settings) throws SQLException, IOException {
        this(settings, null);
    }

    /** A second router beside another one's board and partitions. */
    RouterHarness(RouterSettings settings, @Nullable RouterHarness beside) throws SQLException, IOException {
        ownsPartitions = beside == null;
        board = beside == null ? new FakeBoard(SELF) : beside.board;
        partitions = beside == null ? new FakePartitions(SELF, board) : beside.partitions;
        NodeCalls nobody = (node, request, answer) ->
                answer.accept(Failure.of(ErrorCode.NO_LEADER, "node " + node + " cannot be reached"));
        SchemaLog schemaLog = beside == null ? board : board.schemaLogOf(new NodeId("n2"));
        router = new Router(SELF, board, schemaLog, board, partitions, nobody, settings);
        server = MessageServer.listen(
                loops, "127.0.0.1", 0, CODEC, TransportSettings.defaults(), connection -> new ConnectionHandler() {
                    @Override
                    public void onMessage(MessageConnection from, int correlation, Message message) {
                        router.sessions().firstMessage(from, correlation, message);
                    }

                    @Override
                    public void onClosed(MessageConnection from, @Nullable Throwable cause) {}
                });
    }

    NodeAddress address() {
        return server.address();
    }

    TestClient client() {
        return TestClient.loggedIn(this);
    }

    @Override
    public void close() throws SQLException {
        server.close();
        router.close();
        loops.close();
        if (ownsPartitions) {
            partitions.close();
        }
    }
}
