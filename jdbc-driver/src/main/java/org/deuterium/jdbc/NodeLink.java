package org.deuterium.jdbc;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.deuterium.jdbc.ClusterUrl.Host;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.ClientMessages;
import org.deuterium.wire.client.CloseHandle;
import org.deuterium.wire.statement.StatementMessages;

/**
 * One socket to one node: a request goes out in one write, its answer is read before the next request. Used by one
 * thread at a time; {@link #close} may come from any.
 */
final class NodeLink implements Closeable {

    private static final int READ_BUFFER_BYTES = 16 << 10;
    private static final int KEPT_WRITE_BUFFER_BYTES = 1 << 20;
    private static final MessageCodec CODEC = new MessageCodec(List.of(new StatementMessages(), new ClientMessages()));

    private final Host host;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final List<CloseHandle> unsaid = new ArrayList<>();
    private final byte[] buffer = new byte[READ_BUFFER_BYTES];
    private WireWriter writer = new WireWriter(READ_BUFFER_BYTES);
    private int from;
    private int to;
    private int correlation;

    private NodeLink(Host host, Socket socket) throws IOException {
        this.host = host;
        this.socket = socket;
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    static NodeLink open(Host host, int connectTimeoutMillis) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            watchForSilence(socket);
            socket.connect(new InetSocketAddress(host.name(), host.port()), connectTimeoutMillis);
            return new NodeLink(host, socket);
        } catch (IOException e) {
            socket.close();
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

    /** How long to wait for an answer; 0 forever. */
    void setAnswerTimeout(int millis) throws IOException {
        socket.setSoTimeout(millis);
    }

    /** Says this with the next request: it is never answered, so it is not worth a packet of its own. */
    void sayLater(CloseHandle close) {
        unsaid.add(close);
    }

    /** The number the next request will have; transactions are known by the one that began them. */
    int nextRequest() {
        return correlation + 1;
    }

    /**
     * Sends a request and waits for the answer. After an IOException the link is unusable, and the request may have been
     * received.
     */
    Message exchange(Message request) throws IOException {
        for (int i = 0; i < unsaid.size(); i++) {
            MessageCodec.encodeFrame(unsaid.get(i), 0, writer);
        }
        correlation++;
        try {
            MessageCodec.encodeFrame(request, correlation, writer);
            unsaid.clear();
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
            int read = in.read(buffer, to, buffer.length - to);
            if (read < 0) {
                throw new EOFException(host + " closed the connection");
            }
            to += read;
        }
    }

    private byte[] readLarge(int count) throws IOException {
        byte[] large = new byte[count];
        int have = to - from;
        System.arraycopy(buffer, from, large, 0, have);
        from = 0;
        to = 0;
        if (in.readNBytes(large, have, count - have) < count - have) {
            throw new EOFException(host + " closed the connection");
        }
        return large;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing more can be said to this node, and nothing of ours depends on how it hears of that.
            assert socket.isClosed() : e;
        }
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
