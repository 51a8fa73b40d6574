package org.deuterium.replication;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ChainRoute;
import org.jspecify.annotations.Nullable;

/** A follower's place in a chain: where its entries come from and go to, and how far everybody after it is. */
final class ChainLink {

    private final int number;
    private final NodeId upstream;
    private final @Nullable NodeId downstream;

    /** Everybody after this one has everything up to here fsynced; without anybody after it there is no bound. */
    private long downstreamHas;

    private long told;

    ChainLink(ChainRoute route, NodeId upstream) {
        this.number = route.number();
        this.upstream = upstream;
        this.downstream = route.rest().isEmpty() ? null : route.rest().get(0);
        this.downstreamHas = downstream == null ? Long.MAX_VALUE : 0;
    }

    boolean isOf(ChainRoute route, NodeId from) {
        return number == route.number() && upstream.equals(from);
    }

    int number() {
        return number;
    }

    NodeId upstream() {
        return upstream;
    }

    /** The next member tells how far the chain from it on is. */
    void heard(NodeId from, int routeNumber, long throughTail) {
        if (routeNumber == number && from.equals(downstream)) {
            downstreamHas = Math.max(downstreamHas, throughTail);
        }
    }

    /** How far the chain from here on is, given how far this log is; -1 if that was told already. */
    long newsFor(long fsyncedHere) {
        long throughTail = Math.min(fsyncedHere, downstreamHas);
        if (throughTail <= told) {
            return -1;
        }
        told = throughTail;
        return throughTail;
    }
}
