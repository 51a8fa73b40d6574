package org.deuterium.jdbc;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sockets of one session, also those that are still being connected: closed at once when the session is given up,
 * whatever its threads are waiting for.
 */
final class OpenSockets {

    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @throws SocketException if the session was given up */
    void add(Socket socket) throws SocketException {
        open.add(socket);
        if (closed) {
            close(socket);
            throw new SocketException("the connection is closed");
        }
    }

    void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // Nothing more can be said to this node, and nothing of ours depends on how it hears of that.
            assert socket.isClosed() : e;
        }
    }

    /** Any thread; whoever waits for one of them hears an IOException, and no other is opened. */
    void closeAll() {
        closed = true;
        open.forEach(this::close);
    }
}
