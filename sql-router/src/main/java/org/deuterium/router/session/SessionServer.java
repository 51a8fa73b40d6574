package org.deuterium.router.session;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.execute.StatementFailedException;
import org.deuterium.transport.ConnectionHandler;
import org.deuterium.transport.MessageConnection;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.client.Welcome;
import org.deuterium.wire.partition.TransactionStatuses.ClientTransaction;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.h2.engine.Constants;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door for clients: takes connections whose first message was a client's, checks the log-in, and gives each a
 * {@link ClientSession}.
 */
public final class SessionServer implements AutoCloseable {

    private static final List<String> BEGIN_WITH = List.of("timeZone", "resumed");
    private static final Logger LOG = LoggerFactory.getLogger(SessionServer.class);

    /** So much later than its timeout an idle transaction is ended at worst. */
    private static final long IDLE_LOOK_MILLIS = 250;

    private final SessionParts parts;
    private final Map<Long, ClientSession> sessions = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();
    private final AtomicLong lastNumber = new AtomicLong();
    private final SecureRandom random = new SecureRandom();
    private final ScheduledExecutorService idleWatch = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "router-idle-watch");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean stopping;

    public SessionServer(SessionParts parts) {
        this.parts = parts;
        idleWatch.scheduleWithFixedDelay(this::endIdle, IDLE_LOOK_MILLIS, IDLE_LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void endIdle() {
        for (ClientSession session : sessions.values()) {
            try {
                session.watch().endIfIdle();
            } catch (RuntimeException e) {
                LOG.error("the look after the idle transaction of session {} failed", session.number(), e);
            }
        }
    }

    /** A connection's first message, if it is a {@link Hello} or {@link CancelStatement}; on its event loop. */
    public void firstMessage(MessageConnection connection, int correlation, Message message) {
        if (message instanceof Hello hello) {
            welcome(connection, correlation, hello);
        } else if (message instanceof CancelStatement cancel) {
            ClientSession session = sessions.get(cancel.session());
            if (session != null && session.hasCancelKey(cancel.cancelKey())) {
                session.watch().cancel();
            }
            connection.send(correlation, new Done());
            connection.close();
        } else {
            connection.refuse(
                    correlation,
                    ErrorCode.PROTOCOL_VIOLATION,
                    "A client begins with Hello, not with " + message.getClass().getSimpleName());
        }
    }

    /** How many clients are logged in, or being so. */
    public int sessionCount() {
        return places.get();
    }

    /** The transactions that clients of this node are in at this moment. */
    public List<ClientTransaction> transactions() {
        List<ClientTransaction> open = new ArrayList<>();
        for (ClientSession session : sessions.values()) {
            ClientTransaction transaction = session.watch().transaction();
            if (transaction != null) {
                open.add(transaction);
            }
        }
        return open;
    }

    /** Ends a transaction of a client of this node, which is told why; false if it is none of theirs. */
    public boolean kill(TransactionId transaction, Failure reason) {
        ClientSession session =
                sessions.get(transaction.sessionAt(parts.numbers().origin()));
        return session != null && session.watch().kill(transaction, reason);
    }

    private void welcome(MessageConnection connection, int correlation, Hello hello) {
        if (stopping) {
            connection.refuse(correlation, ErrorCode.NOT_READY, "This node is stopping; connect to another one");
        } else if (hello.protocolVersion() < Hello.PROTOCOL_VERSION) {
            connection.refuse(
                    correlation,
                    ErrorCode.PROTOCOL_VIOLATION,
                    "The driver speaks protocol version " + hello.protocolVersion() + ", this node only "
                            + Hello.PROTOCOL_VERSION + "; use a newer driver");
        } else if (places.incrementAndGet() > parts.limits().sessions()) {
            places.decrementAndGet();
            connection.refuse(
                    correlation,
                    ErrorCode.LIMIT_EXCEEDED,
                    "This node has " + parts.limits().sessions()
                            + " connections open, its limit; close some, or connect to another node");
        } else {
            Newcomer newcomer = new Newcomer();
            connection.handler(newcomer);
            parts.workers().execute(() -> logIn(connection, correlation, hello, newcomer));
        }
    }

    private void logIn(MessageConnection connection, int correlation, Hello hello, Newcomer newcomer) {
        long number = lastNumber.incrementAndGet();
        long cancelKey = random.nextLong();
        ClientSession session =
                new ClientSession(parts, connection, number, cancelKey, hello.user(), () -> forget(number));
        try {
            if (!parts.catalog().mayLogIn(hello.user(), hello.password())) {
                throw new StatementFailedException(
                        ErrorCode.WRONG_USER_OR_PASSWORD, "Wrong user name or password for user " + hello.user());
            }
            begin(session, hello.properties());
        } catch (StatementFailedException e) {
            refuse(connection, correlation, e.failure().error(), e.failure().message());
            return;
        } catch (StatementRefusedException e) {
            refuse(connection, correlation, e.failure().error(), e.failure().message());
            return;
        } catch (RuntimeException e) {
            LOG.error("logging {} in failed", hello, e);
            refuse(connection, correlation, ErrorCode.INTERNAL_ERROR, "Logging in failed here: " + e);
            return;
        }
        connection.execute(() -> {
            if (newcomer.isGone()) {
                places.decrementAndGet();
                return;
            }
            sessions.put(number, session);
            connection.identified();
            connection.handler(session);
            connection.send(
                    correlation,
                    new Welcome(
                            Hello.PROTOCOL_VERSION,
                            number,
                            cancelKey,
                            parts.self().name(),
                            Constants.FULL_VERSION,
                            homeLeader(),
                            parts.numbers().origin()));
        });
    }

    /** The zone first, in which times without one are read, and what a session that was lost goes by. */
    private static void begin(ClientSession session, Map<String, String> properties) {
        for (String name : BEGIN_WITH) {
            String value = properties.get(name);
            if (value != null) {
                session.change(name, value);
            }
        }
        properties.forEach((name, value) -> {
            if (!BEGIN_WITH.contains(name)) {
                session.change(name, value);
            }
        });
    }

    private void refuse(MessageConnection connection, int correlation, ErrorCode code, String message) {
        places.decrementAndGet();
        connection.refuse(correlation, code, message);
    }

    private void forget(long number) {
        if (sessions.remove(number) != null) {
            places.decrementAndGet();
        }
    }

    private @Nullable String homeLeader() {
        PartitionState home = parts.view().partition(PartitionId.HOME);
        ClusterNode leader =
                home == null ? null : home.livingLeader(parts.view().nodes());
        return leader == null ? null : leader.address().toString();
    }

    /** Lets nobody in any more and closes every session; their transactions are rolled back. */
    @Override
    public void close() {
        stopping = true;
        idleWatch.shutdownNow();
        for (ClientSession session : sessions.values()) {
            session.connection().close();
        }
    }

    /** Listens to a connection while its log-in is checked. */
    private static final class Newcomer implements ConnectionHandler {

        private boolean gone;

        boolean isGone() {
            return gone;
        }

        @Override
        public void onMessage(MessageConnection connection, int correlation, Message message) {
            connection.refuse(
                    correlation, ErrorCode.PROTOCOL_VIOLATION, "Nothing may be sent before the answer to Hello");
        }

        @Override
        public void onClosed(MessageConnection connection, @Nullable Throwable cause) {
            gone = true;
        }
    }
}
