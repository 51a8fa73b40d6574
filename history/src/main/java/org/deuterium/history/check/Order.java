package org.deuterium.history.check;

import org.deuterium.history.graph.EdgeKind;

/** Which order an anomaly is one of, or a level promises, beyond that of the data: each includes those before it. */
public enum Order {
    /** Only what transactions wrote and read. */
    DATA("", 0),
    /** Also each client's transactions one after another ("strong session", Daudjee and Salem 2004). */
    PROCESS("-process", EdgeKind.PROCESS.bit()),
    /** Also what was complete before another began ("strong", "strict"). */
    REAL_TIME("-realtime", EdgeKind.REAL_TIME.bit());

    private final String suffix;
    private final int kinds;

    Order(String suffix, int kinds) {
        this.suffix = suffix;
        this.kinds = kinds;
    }

    /** What is appended to an anomaly's name. */
    public String suffix() {
        return suffix;
    }

    /** The bits of the kinds of edges that this order adds to those of the data. */
    int kinds() {
        return kinds;
    }
}
