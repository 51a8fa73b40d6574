package org.deuterium.replica.peer;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.deuterium.wire.NodeAddress;

/** A look whether anybody listens at an address. */
final class NodeProbe {

    /** On a machine that is up the answer takes no longer than a round trip; silence proves nothing. */
    private static final int ANSWER_MILLIS = 300;

    private NodeProbe() {}

    /** True if the machine there says that nobody listens: the process has ended. Blocks for 300 ms at most. */
    static boolean isRefused(NodeAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(address.host(), address.port()), ANSWER_MILLIS);
            return false;
        } catch (ConnectException e) {
            return String.valueOf(e.getMessage()).contains("refused");
        } catch (IOException e) {
            return false; // no route, no answer in time: the machine may just be cut off from this one
        }
    }
}
