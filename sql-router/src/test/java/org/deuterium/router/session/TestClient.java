package org.deuterium.router.session;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.transport.CallFailure;
import org.deuterium.transport.CallListener;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.MessageClient;
import org.deuterium.transport.MessageConnection;
import org.deuterium.transport.TransportSettings;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.ExecuteStatement;
import org.deuterium.wire.client.FetchRows;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.value.Value;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** A client that says the driver's messages over a socket. */
final class TestClient implements AutoCloseable {

    private final MessageClient connection;
    boolean autoCommit = true;
    int fetchSize = 3;

    TestClient(RouterHarness router) {
        connection = get(MessageClient.connect(
                router.loops, router.address(), RouterHarness.CODEC, TransportSettings.defaults(), new Ignored()));
    }

    /** Listens to nothing. */
    private static final class Ignored implements ConnectionHandler {
        @Override
        public void onMessage(MessageConnection from, int correlation, Message message) {}

        @Override
        public void onClosed(MessageConnection from, @Nullable Throwable cause) {}
    }

    static TestClient loggedIn(RouterHarness router) {
        TestClient client = new TestClient(router);
        Message answer = client.ask(hello("SA", "", Map.of()));
        if (!(answer instanceof Welcome)) {
            throw new AssertionError("welcome expected: " + answer);
        }
        return client;
    }

    static Hello hello(String user, String password, Map<String, String> properties) {
        return new Hello(Hello.PROTOCOL_VERSION, "db", user, password, properties);
    }

    static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(60, TimeUnit.SECONDS).join();
    }

    CompletableFuture<Message> send(Message request) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        connection.call(request, new CallListener() {
            @Override
            public void onAnswer(Message message) {
                answer.complete(message);
            }

            @Override
            public void onFailure(CallFailure failure) {
                answer.completeExceptionally(new IllegalStateException(failure.message()));
            }
        });
        return answer;
    }

    void tell(Message message) {
        connection.send(message);
    }

    Message ask(Message request) {
        return get(send(request));
    }

    static ParameterRows parameters(int sets, @Nullable Object... values) {
        WireWriter out = new WireWriter();
        for (Object value : values) {
            Value h2 = value == null
                    ? ValueNull.INSTANCE
                    : value instanceof Integer number ? ValueInteger.get(number) : ValueVarchar.get((String) value);
            ValueCodec.write(h2, out);
        }
        return new ParameterRows(sets, values.length / sets, out.toByteArray());
    }

    ExecuteStatement statement(String sql, ParameterRows parameters, KeysWanted keys) {
        return new ExecuteStatement(0, sql, parameters, autoCommit, fetchSize, 0, 0, keys, true);
    }

    Message execute(String sql, @Nullable Object... values) {
        ParameterRows parameters = values.length == 0 ? ParameterRows.NONE : parameters(1, values);
        return ask(statement(sql, parameters, KeysWanted.NONE));
    }

    /** The count of a statement that must succeed. */
    long update(String sql, @Nullable Object... values) {
        Message answer = execute(sql, values);
        if (answer instanceof UpdateCounts counts) {
            return counts.counts()[0];
        }
        throw new AssertionError(sql + ": a count expected: " + answer);
    }

    /** The failure of a statement that must fail. */
    Failure refused(String sql, @Nullable Object... values) {
        Message answer = execute(sql, values);
        if (answer instanceof Failure failure) {
            return failure;
        }
        throw new AssertionError(sql + ": a failure expected: " + answer);
    }

    /** All rows of a query that must succeed, columns divided by bars. */
    List<String> query(String sql, @Nullable Object... values) {
        return rows(sql, execute(sql, values));
    }

    List<String> rows(String sql, Message first) {
        List<String> rows = new ArrayList<>();
        Message message = first;
        while (true) {
            if (!(message instanceof RowsPage page)) {
                throw new AssertionError(sql + ": rows expected: " + message);
            }
            read(page, rows);
            if (page.cursor() == RowsPage.NO_MORE) {
                return rows;
            }
            message = ask(new FetchRows(page.cursor(), fetchSize));
        }
    }

    static void read(RowsPage page, List<String> rows) {
        WireReader in = new WireReader(page.rows());
        List<String> values = new ArrayList<>();
        while (in.remaining() > 0) {
            values.add(String.valueOf(ValueCodec.read(in).getString()));
        }
        int width = page.rowCount() == 0 ? 0 : values.size() / page.rowCount();
        for (int row = 0; row < page.rowCount(); row++) {
            rows.add(String.join("|", values.subList(row * width, (row + 1) * width)));
        }
    }

    @Override
    public void close() {
        connection.close();
    }
}
