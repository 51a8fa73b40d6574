package org.deuterium.simulation;

import org.deuterium.replication.Effects;
import org.deuterium.replication.RoleChange;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicationMessage;

/** Everything that must hold in a simulated cluster, told of what happens as it happens. */
final class Invariants {

    final OneLeaderATerm oneLeaderATerm = new OneLeaderATerm();
    final StaleTermChangesNothing staleTermChangesNothing = new StaleTermChangesNothing();
    final SamePrefixApplied samePrefixApplied = new SamePrefixApplied();
    final SameTermSameEntry sameTermSameEntry = new SameTermSameEntry();
    final AcknowledgedIsNeverLost acknowledgedIsNeverLost = new AcknowledgedIsNeverLost();

    void onHandled(NodeId at, ReplicationMessage message, Term promised, Effects effects) {
        staleTermChangesNothing.check(at, message, promised, effects);
    }

    void onRole(SimulatedNode node, RoleChange change) {
        if (change.leading()) {
            acknowledgedIsNeverLost.check(node);
        }
    }

    void onAppend(NodeId at, LogEntry entry) {
        sameTermSameEntry.check(at, entry);
    }

    void onApplied(NodeId at, LogEntry entry) {
        samePrefixApplied.check(at, entry);
    }

    void onAcknowledged(NodeId by, LogEntry entry, TransactionId transaction) {
        acknowledgedIsNeverLost.onAcknowledged(by, entry, transaction);
    }

    void afterEachEvent(Iterable<SimulatedNode> nodes) {
        oneLeaderATerm.check(nodes);
    }
}
