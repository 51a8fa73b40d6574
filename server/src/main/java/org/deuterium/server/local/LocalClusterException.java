package org.deuterium.server.local;

import java.io.IOException;

/** A cluster on this machine that cannot be started, found or stopped; the message is one line with the cure. */
public class LocalClusterException extends IOException {

    private static final long serialVersionUID = 1L;

    public LocalClusterException(String message) {
        super(message);
    }
}
