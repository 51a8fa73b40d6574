package org.deuterium.simulation.cluster;

import java.util.List;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.simulation.invariant.ReadsMissNothing;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.EntryKind;

/** What clients and administrators ask of one node; nobody answers them while its process is down. */
public final class NodeCalls {

    private static final int MOST_PAYLOAD_BYTES = 30;
    private static final int TAIL_READ_TRIES = 10;
    private static final byte[][] PAYLOADS = new byte[MOST_PAYLOAD_BYTES][];

    static {
        for (int i = 0; i < MOST_PAYLOAD_BYTES; i++) {
            PAYLOADS[i] = new byte[i];
        }
    }

    private final Cluster cluster;
    private final SimulatedNode node;

    NodeCalls(Cluster cluster, SimulatedNode node) {
        this.cluster = cluster;
        this.node = node;
    }

    /** A client's write. */
    public void propose(TransactionId transaction) {
        node.give(core -> {
            if (!core.isServing()) {
                return Effects.NONE;
            }
            byte[] payload = PAYLOADS[cluster.chance.below(MOST_PAYLOAD_BYTES)];
            return core.onProposals(
                    List.of(new Proposal(transaction, EntryKind.ROWS, payload)), node.clockMillis(), node.wallMillis());
        });
    }

    /** Somebody wishes another ack rule. */
    public void changeRule(AckRule rule) {
        node.give(core -> core.refusalOf(rule) == null ? core.changeAckRule(rule, node.clockMillis()) : Effects.NONE);
    }

    /** The controller finds a node lost for good, and gives its replica to another one. */
    public void replace(NodeId lost, NodeId fresh) {
        node.give(core -> {
            core.replaceReplica(lost, fresh);
            return Effects.NONE;
        });
    }

    /** Somebody wishes that another replica leads; after a while the host goes on by itself, if it still can. */
    public void transferTo(NodeId target) {
        node.give(core -> {
            if (node.id().equals(target) || core.refusalOfTransfer(target) != null) {
                return Effects.NONE;
            }
            cluster.counts.transfers++;
            cluster.trace.say(() -> node.id() + " hands over to " + target);
            node.own(
                    200 + cluster.chance.below(800),
                    () -> node.give(later -> {
                        boolean stays = later.keepLead();
                        cluster.trace.say(() -> node.id() + (stays ? " keeps the lead" : " has handed over"));
                        return Effects.NONE;
                    }));
            return core.transferLeader(target, node.clockMillis());
        });
    }

    /**
     * A client's linearizable read: what H2 shows, and after it a look at the lease. Between the two the process may do
     * other things, or be stopped.
     */
    public void read() {
        PartitionReplica replica = node.core();
        if (replica == null || node.isPaused() || !replica.isServing()) {
            return;
        }
        Term term = replica.term();
        ReadsMissNothing.Begun begun = cluster.invariants.readBegins();
        long shown = node.disk().applied().size();
        node.own(cluster.chance.delay(10), () -> {
            if (replica.isServing() && replica.term().equals(term) && node.clockMillis() < replica.leaseUntilMillis()) {
                cluster.counts.reads++;
                cluster.invariants.onRead(node.id(), begun, shown);
            } else {
                cluster.counts.readsRefused++;
            }
        });
    }

    /**
     * A client's strong read at the tail of a chain: what was fsynced here when it came must be shown, if the lease lasts
     * afterwards. It waits for the applier as long as a client would.
     */
    public void readAtTail() {
        PartitionReplica replica = node.core();
        if (replica == null || node.isPaused() || replica.tailLeaseUntilMillis() == 0) {
            return;
        }
        ReadsMissNothing.Begun begun = cluster.invariants.readBegins();
        node.own(cluster.chance.delay(10), () -> {
            long atLeast = replica.durableIndex().position();
            node.own(cluster.chance.delay(10), () -> {
                if (node.clockMillis() < replica.tailLeaseUntilMillis()) {
                    showWhenApplied(atLeast, begun, TAIL_READ_TRIES);
                } else {
                    cluster.counts.readsRefused++;
                }
            });
        });
    }

    private void showWhenApplied(long atLeast, ReadsMissNothing.Begun begun, int tries) {
        long shown = node.disk().applied().size();
        if (shown >= atLeast) {
            cluster.counts.tailReads++;
            cluster.invariants.onRead(node.id(), begun, shown);
        } else if (tries > 0) {
            node.own(1 + cluster.chance.delay(20), () -> showWhenApplied(atLeast, begun, tries - 1));
        } else {
            cluster.counts.readsRefused++;
        }
    }
}
