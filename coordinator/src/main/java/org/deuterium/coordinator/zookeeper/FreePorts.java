package org.deuterium.coordinator.zookeeper;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that are to come back on the same one. A port of those that the system gives to outgoing connections may
 * be in use by one of them when the server is started again: by a client, say, that tries to reach the very server.
 */
public final class FreePorts {

    /** Outgoing connections begin at 32768 on Linux, and at 49152 elsewhere. */
    private static final int FIRST = 20_000;

    private static final int AFTER_LAST = 32_000;
    private static final int TRIES = 200;

    private FreePorts() {}

    /**
     * Listens on a port that nobody uses; whoever wants several holds one until all are chosen.
     *
     * @throws IOException if none was found
     */
    public static ServerSocket hold(InetAddress address) throws IOException {
        BindException last = new BindException("not tried");
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, AFTER_LAST);
            try {
                return new ServerSocket(port, 1, address);
            } catch (BindException e) {
                last = e; // somebody uses it
            }
        }
        throw new IOException(
                "no free port between " + FIRST + " and " + AFTER_LAST + " in " + TRIES + " tries; name one", last);
    }

    /** A port that nobody uses at this moment. */
    public static int choose(String host) throws IOException {
        try (ServerSocket held = hold(InetAddress.getByName(host))) {
            return held.getLocalPort();
        }
    }
}
