package org.deuterium.jdbc;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.CancelStatement;
import org.deuterium.wire.client.ClientMessages;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.Hello;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.StatementMessages;

/**
 * A node for tests of the driver: speaks its protocol, and has one H2 database in memory for a cluster. Tests make it
 * lose connections where they want.
 */
final class H2Server implements Closeable {

    private static final MessageCodec CODEC = new MessageCodec(List.of(new StatementMessages(), new ClientMessages()));

    private final ServerSocket listening;
    private final Thread accepting;
    private final String h2Url;
    private final Map<Long, H2Session> sessions = new ConcurrentHashMap<>();
    private final Map<Socket, Boolean> sockets = new ConcurrentHashMap<>();
    private final AtomicLong lastSession = new AtomicLong();
    private final Map<String, AtomicInteger> received = new ConcurrentHashMap<>();
    private volatile Predicate<Message> loseBefore = message -> false;
    private volatile Predicate<Message> loseAfter = message -> false;
    private volatile String homeLeader;
    private volatile boolean refusing;
    private volatile Predicate<Message> silentTo = message -> false;
    private volatile boolean closing;
    private final Object waking = new Object();

    private H2Server(String h2Url) throws IOException {
        this.h2Url = h2Url;
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        accepting = new Thread(this::accept, "h2-server-" + listening.getLocalPort());
        accepting.setDaemon(true);
        accepting.start();
    }

    /** Servers of one database name share it, as the nodes of a cluster do. */
    static H2Server start(String database) throws IOException {
        return new H2Server("jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1");
    }

    String address() {
        return "localhost:" + listening.getLocalPort();
    }

    String url() {
        return "jdbc:deuterium://" + address() + "/test";
    }

    /** The next message that fits is not executed: the connection is closed instead. */
    void loseBefore(Predicate<Message> which) {
        loseBefore = which;
    }

    /** The next message that fits is executed, but the connection is closed instead of the answer. */
    void loseAfter(Predicate<Message> which) {
        loseAfter = which;
    }

    void sayHomeLeader(String address) {
        homeLeader = address;
    }

    /** Log-ins are refused from now on as a starting node does it. */
    void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** What fits is received, but neither executed nor answered until something else is said here. */
    void silentTo(Predicate<Message> which) {
        silentTo = which;
        wake();
    }

    private void wake() {
        synchronized (waking) {
            waking.notifyAll();
        }
    }

    private void awaitVoice(Message message) throws IOException {
        synchronized (waking) {
            while (silentTo.test(message) && !closing) {
                try {
                    waking.wait();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        }
    }

    int received(Class<? extends Message> kind) {
        AtomicInteger count = received.get(kind.getSimpleName());
        return count == null ? 0 : count.get();
    }

    int openSessions() {
        return sessions.size();
    }

    void closeConnections() {
        for (Socket socket : sockets.keySet()) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Nobody else can connect; who is connected stays so. */
    void stopListening() throws IOException {
        listening.close();
        try {
            accepting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the server was closing", e);
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        wake();
        stopListening();
        closeConnections();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                sockets.put(socket, true);
                Thread serving = new Thread(() -> serve(socket), "h2-server-session");
                serving.setDaemon(true);
                serving.start();
            } catch (IOException e) {
                assertClosed(e);
            }
        }
    }

    private void assertClosed(IOException e) {
        if (!listening.isClosed()) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(Socket socket) {
        long number = lastSession.incrementAndGet();
        try (socket;
                H2Session session = new H2Session(h2Url, number)) {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
            OutputStream out = socket.getOutputStream();
            while (true) {
                int length = in.readInt();
                byte code = in.readByte();
                int correlation = in.readInt();
                byte[] payload = in.readNBytes(length - 5);
                Message message = CODEC.decode(code, new WireReader(payload));
                received.computeIfAbsent(message.getClass().getSimpleName(), name -> new AtomicInteger())
                        .incrementAndGet();
                awaitVoice(message);
                if (loseBefore.test(message)) {
                    loseBefore = other -> false;
                    return;
                }
                Message answer = answer(session, number, message);
                if (loseAfter.test(message)) {
                    loseAfter = other -> false;
                    return;
                }
                if (!(message instanceof CloseHandle)) {
                    WireWriter frame = new WireWriter();
                    MessageCodec.encodeFrame(answer, correlation, frame);
                    out.write(frame.array(), 0, frame.size());
                }
            }
        } catch (IOException e) {
            // the client has gone, or a test has closed the connection
        } finally {
            sessions.remove(number);
            sockets.remove(socket);
        }
    }

    private Message answer(H2Session session, long number, Message message) {
        if (message instanceof CancelStatement cancel) {
            H2Session other = sessions.get(cancel.session());
            if (other != null && cancel.cancelKey() == other.cancelKey()) {
                other.cancel();
            }
            return new Done();
        } else if (message instanceof Hello hello) {
            if (refusing) {
                return Failure.of(org.deuterium.wire.ErrorCode.NOT_READY, "this node is starting");
            }
            Message answer = session.begin(hello, homeLeader);
            sessions.put(number, session);
            return answer;
        }
        return session.answer(message);
    }
}
