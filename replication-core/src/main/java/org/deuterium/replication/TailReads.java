package org.deuterium.replication;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.TailLease;
import org.jspecify.annotations.Nullable;

/**
 * The lease of a chain's tail, at the tail: until when nothing can be committed that it does not have (van Renesse and
 * Schneider, OSDI 2004, let strong reads go there). It counts from the moment of asking on this node's clock, and is
 * forgotten with the term and with the process.
 */
final class TailReads {

    private final ReplicaFacts facts;
    private long askedMillis;
    private long leaseUntilMillis;

    TailReads(ReplicaFacts facts) {
        this.facts = facts;
    }

    /** Asks again while this replica is the tail. */
    void onTick(@Nullable ReplicaGroup group, @Nullable NodeId leader, long nowMillis) {
        if (leader != null
                && group != null
                && group.term().equals(facts.promised)
                && facts.node.equals(group.tail())
                && group.votes(facts.node, facts.storage)
                && nowMillis - askedMillis >= facts.settings.heartbeatMillis()) {
            askedMillis = nowMillis;
            facts.out.sendNow(
                    leader,
                    new TailLease(
                            facts.partition, facts.promised, facts.storage, facts.startedMillis, nowMillis, false));
        }
    }

    void onGranted(TailLease lease) {
        if (lease.startedMillis() == facts.startedMillis && lease.storage().equals(facts.storage)) {
            leaseUntilMillis = Math.max(leaseUntilMillis, lease.askedMillis() + facts.settings.leaseMillis());
        }
    }

    long leaseUntilMillis() {
        return leaseUntilMillis;
    }
}
