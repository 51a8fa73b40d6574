package org.deuterium.server.local;

/** Some nodes of a cluster are ready, and stay; others are not. The message names them, with the cure. */
public final class PartlyStartedException extends LocalClusterException {

    private static final long serialVersionUID = 1L;

    PartlyStartedException(String message) {
        super(message);
    }
}
