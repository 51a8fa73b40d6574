package org.deuterium.replica.host;

import java.util.Locale;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.SnapshotOffer;

/** One snapshot on its way here: how much of it has come, how fast, and whether it is being put in place. */
final class SnapshotArrival {

    private static final double MEGABYTE = 1 << 20;
    private static final int PERCENT_A_LOG_LINE = 10;
    private static final long FIRST_PAUSE_MILLIS = 2_000;
    private static final long LONGEST_PAUSE_MILLIS = 600_000;

    final PartitionHost host;
    final SnapshotFile file;

    NodeId from;
    SnapshotOffer offer;
    long received;
    long askedMillis;
    long heardMillis;

    /** A piece is being written, or the file is being got ready: no other is asked for. */
    boolean writing = true;

    /** All is here. */
    boolean placing;

    /** The replica was told to put it in place. */
    boolean installing;

    /** It could not be put in place for a reason of this node, and is tried again then; 0 if it is not waiting. */
    long againMillis;

    private long pauseMillis = FIRST_PAUSE_MILLIS;
    private String trouble = "";

    private long startMillis;
    private long startBytes;
    private long percentLogged = -1;

    SnapshotArrival(PartitionHost host, NodeId from, SnapshotOffer offer, SnapshotFile file, long nowMillis) {
        this.host = host;
        this.from = from;
        this.offer = offer;
        this.file = file;
        this.heardMillis = nowMillis;
    }

    /** All is here and sound, but the node cannot take it, for want of room perhaps: after a pause that doubles. */
    void waitAfter(Throwable cause, long nowMillis) {
        placing = false;
        trouble = String.valueOf(cause.getMessage());
        againMillis = nowMillis + pauseMillis;
        pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
    }

    boolean isOf(PartitionHost other, SnapshotOffer same) {
        return host == other && offer.transfer() == same.transfer();
    }

    void startAt(long bytes, long nowMillis) {
        received = bytes;
        startBytes = bytes;
        startMillis = nowMillis;
        writing = false;
    }

    /** True once for every tenth of it, to be told in the node's log. */
    boolean isWorthALine() {
        long percent = percent() / PERCENT_A_LOG_LINE * PERCENT_A_LOG_LINE;
        boolean worth = percent > percentLogged;
        percentLogged = Math.max(percent, percentLogged);
        return worth;
    }

    private long percent() {
        return offer.bytes() == 0 ? 100 : received * 100 / offer.bytes();
    }

    /** For example {@code SNAPSHOT 42 % (430 of 1024 MB, 31.0 MB/s)}. */
    String progress(long nowMillis) {
        if (againMillis > 0) {
            return "SNAPSHOT 100 %, cannot be put in place, tried again in "
                    + Math.max(0, (againMillis - nowMillis) / 1_000) + " s: " + trouble;
        }
        if (placing) {
            return "SNAPSHOT 100 %, is put in place";
        }
        double seconds = Math.max(1, nowMillis - startMillis) / 1000.0;
        return String.format(
                Locale.ROOT,
                "SNAPSHOT %d %% (%.0f of %.0f MB, %.1f MB/s)",
                percent(),
                received / MEGABYTE,
                offer.bytes() / MEGABYTE,
                (received - startBytes) / MEGABYTE / seconds);
    }
}
