package org.deuterium.jdbc;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.ClientMessages;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.client.Ping;
import org.deuterium.wire.statement.StatementMessages;

/**
 * One socket to one node: a request goes out in one write, its answer is read before the next request. Used by one
 * thread at a time; {@link #close}, {@link #sayLater} and {@link #setAnswerTimeout} may come from any.
 *
 * <p>A node may take its time for an answer, but not for ever for a sign of life: after each {@code heartbeat} of silence it
 * is asked, over a connection of its own, whether it lives. So a process that was stopped, or stands still, is told from
 * a statement that runs for hours.
 */
final class NodeLink implements Closeable {

    private static final int READ_BUFFER_BYTES = 16 << 10;

    /** How late an answer timeout that is set meanwhile may be seen where no heartbeat looks for it. */
    private static final int LOOK_MILLIS = 500;

    private static final int KEPT_WRITE_BUFFER_BYTES = 1 << 20;
    private static final MessageCodec CODEC = new MessageCodec(List.of(new StatementMessages(), new ClientMessages()));

    private final Host host;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final OpenSockets sockets;
    private final Queue<CloseHandle> unsaid = new ConcurrentLinkedQueue<>();
    private final byte[] buffer = new byte[READ_BUFFER_BYTES];
    private WireWriter writer = new WireWriter(READ_BUFFER_BYTES);
    private int from;
    private int to;
    private int correlation;
    private int number;
    private int heartbeatMillis;
    private int probeMillis;
    private volatile int answerTimeoutMillis;
    private Deadline answerBy = Deadline.NONE;
    private long askedNanos;

    /** Something of the answer has come. */
    private boolean answering;

    /** The time that was given for one answer is over; the node may well live. */
    static final class Overdue extends SocketTimeoutException {

        private static final long serialVersionUID = 1L;

        Overdue(String message) {
            super(message);
        }
    }

    private NodeLink(Host host, Socket socket, OpenSockets sockets) throws IOException {
        this.host = host;
        this.socket = socket;
        this.sockets = sockets;
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** @param sockets where the socket is known as long as it is open, also while it is being connected */
    static NodeLink open(Host host, Deadline connectedBy, OpenSockets sockets) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            watchForSilence(socket);
            socket.connect(new InetSocketAddress(host.name(), host.port()), connectedBy.millisLeft());
            return new NodeLink(host, socket, sockets);
        } catch (IOException e) {
            sockets.close(socket);
            throw e;
        }
    }

    Host host() {
        return host;
    }

    boolean isAt(Host other) {
        return host.equals(other)
                || (host.port() == other.port()
                        && socket.getInetAddress()
                                .equals(new InetSocketAddress(other.name(), other.port()).getAddress()));
    }

    /** How long to wait for an answer, 0 for ever. One that is being waited for is looked after when it has been silent for a heartbeat. */
    void setAnswerTimeout(int millis) {
        answerTimeoutMillis = millis;
    }

    /**
     * From now on the node is watched while it is silent.
     *
     * @param everyMillis after so long a silence it is asked whether it lives; 0: never
     * @param withinMillis how soon it has to say so
     */
    void watch(int everyMillis, int withinMillis) {
        heartbeatMillis = everyMillis;
        probeMillis = withinMillis;
    }

    /** Its place in the row of its session's links. */
    int number() {
        return number;
    }

    void setNumber(int ofSession) {
        number = ofSession;
    }

    /** Says this with the next request: it is never answered, so it is not worth a packet of its own. */
    void sayLater(CloseHandle close) {
        unsaid.add(close);
    }

    /** The number the next request will have; transactions are known by the one that began them. */
    int nextRequest() {
        return correlation + 1;
    }

    /** As {@link #exchange(Message, Deadline)}, with no other limit than the link's answer timeout. */
    Message exchange(Message request) throws IOException {
        return exchange(request, Deadline.NONE);
    }

    /**
     * Sends a request and waits for the answer. After an IOException the link is unusable, and the request may have been
     * received.
     *
     * @throws Overdue if the whole answer was not there in time
     */
    Message exchange(Message request, Deadline by) throws IOException {
        int said = 0;
        for (CloseHandle close : unsaid) {
            MessageCodec.encodeFrame(close, 0, writer);
            said++;
        }
        correlation++;
        answerBy = by;
        askedNanos = System.nanoTime();
        answering = false;
        try {
            MessageCodec.encodeFrame(request, correlation, writer);
            for (; said > 0; said--) {
                unsaid.remove();
            }
            out.write(writer.array(), 0, writer.size());
        } finally {
            if (writer.size() > KEPT_WRITE_BUFFER_BYTES) {
                writer = new WireWriter(READ_BUFFER_BYTES);
            } else {
                writer.clear();
            }
        }
        return readAnswer();
    }

    private Message readAnswer() throws IOException {
        fill(MessageCodec.HEADER_BYTES);
        WireReader header = new WireReader(buffer, from, MessageCodec.HEADER_BYTES);
        int length = header.readInt();
        int code = header.readByte();
        int answered = header.readInt();
        int payload = length - (MessageCodec.HEADER_BYTES - Integer.BYTES);
        if (payload < 0 || length + Integer.BYTES > MessageCodec.MAX_FRAME_BYTES) {
            throw new IOException("a frame of " + length + " bytes came from " + host
                    + ", which no node sends; is it a Deuterium node?");
        }
        from += MessageCodec.HEADER_BYTES;
        if (answered != correlation) {
            throw new IOException("the answer " + answered + " came from " + host + " to the request " + correlation);
        }
        try {
            if (payload > buffer.length) {
                return CODEC.decode(code, new WireReader(readLarge(payload)));
            }
            fill(payload);
            Message answer = CODEC.decode(code, new WireReader(buffer, from, payload));
            from += payload;
            return answer;
        } catch (MalformedMessageException e) {
            throw new IOException("an answer from " + host + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads until {@code count} bytes are in the buffer; it is large enough for them. */
    private void fill(int count) throws IOException {
        if (to - from >= count) {
            return;
        }
        if (from == to) {
            from = 0;
            to = 0;
        } else if (from + count > buffer.length) {
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= from;
            from = 0;
        }
        while (to - from < count) {
            to += receive(buffer, to);
        }
    }

    /** Reads what has come, at least a byte; waits for it, but for no node that is gone, and not beyond the answer's time. */
    private int receive(byte[] into, int at) throws IOException {
        while (true) {
            Deadline by = answerLimit();
            if (answering && by.isOver()) {
                throw overdue(); // also if it still comes, drop by drop
            }
            int left = by.millisLeft();
            int look = heartbeatMillis > 0 ? heartbeatMillis : LOOK_MILLIS;
            boolean looks = left == 0 || look < left;
            socket.setSoTimeout(looks ? look : left);
            try {
                int read = in.read(into, at, into.length - at);
                if (read < 0) {
                    throw new EOFException(host + " closed the connection");
                }
                answering = true;
                return read;
            } catch (SocketTimeoutException e) {
                if (answerLimit().isOver()) {
                    throw overdue();
                }
                if (looks && heartbeatMillis > 0 && in.available() == 0) {
                    checkAlive();
                }
            }
        }
    }

    /** The earlier of what the request was given and the link's answer timeout, which may change at any time. */
    private Deadline answerLimit() {
        int millis = answerTimeoutMillis;
        return millis == 0
                ? answerBy
                : answerBy.orEarlier(new Deadline(askedNanos + TimeUnit.MILLISECONDS.toNanos(millis), false));
    }

    private Overdue overdue() {
        return new Overdue(host + " did not answer in time");
    }

    private void checkAlive() throws IOException {
        try {
            askForLife(host, answerLimit().orEarlier(Deadline.inMillis(probeMillis)), sockets);
        } catch (IOException e) {
            if (answerLimit().isOver()) {
                throw overdue();
            }
            if (in.available() == 0) {
                throw new IOException(
                        host + " is silent, and does not answer others either (" + e.getMessage() + ")", e);
            }
        }
    }

    /**
     * Asks a node, over a connection of its own, whether it lives; any answer says so.
     *
     * @throws IOException if it does not answer in time
     */
    static void askForLife(Host host, Deadline by, OpenSockets sockets) throws IOException {
        try (NodeLink other = open(host, by, sockets)) {
            other.exchange(new Ping(), by);
        }
    }

    private byte[] readLarge(int count) throws IOException {
        byte[] large = new byte[count];
        int have = to - from;
        System.arraycopy(buffer, from, large, 0, have);
        from = 0;
        to = 0;
        while (have < count) {
            have += receive(large, have);
        }
        return large;
    }

    @Override
    public void close() {
        sockets.close(socket);
    }

    /** A host that vanishes without a word (power, network) is noticed in about 20 seconds, where the system can. */
    private static void watchForSilence(Socket socket) throws IOException {
        if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
            socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 10);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 3);
            socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
        }
    }
}
