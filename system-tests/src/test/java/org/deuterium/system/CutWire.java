package org.deuterium.system;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A port that hands everything on to another one, until it is cut: then both sides see their connections break. */
final class CutWire implements AutoCloseable {

    private final ServerSocket listening;
    private final int target;
    private final List<Socket> sockets = new ArrayList<>();

    CutWire(int target) throws IOException {
        this.target = target;
        this.listening = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        start("wire-accept", this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket server = new Socket("127.0.0.1", target);
                synchronized (sockets) {
                    sockets.add(client);
                    sockets.add(server);
                }
                start("wire-out", () -> copy(client, server));
                start("wire-back", () -> copy(server, client));
            } catch (IOException e) {
                return; // cut: nobody is let in any more
            }
        }
    }

    private static void copy(Socket from, Socket to) {
        byte[] buffer = new byte[8_192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException e) {
            // one of the two ends is gone
        }
    }

    /** Resets all connections, as a machine that vanished and came back would. */
    void cut() throws IOException {
        listening.close();
        synchronized (sockets) {
            for (Socket socket : sockets) {
                socket.setSoLinger(true, 0);
                socket.close();
            }
            sockets.clear();
        }
    }

    @Override
    public void close() throws IOException {
        cut();
    }
}
