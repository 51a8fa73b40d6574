package org.deuterium.simulation.invariant;

import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.simulation.world.Content;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.jspecify.annotations.Nullable;

/** Everything that must hold in a simulated cluster, told of what happens as it happens. */
public final class Invariants {

    private final OneLeaderATerm oneLeaderATerm = new OneLeaderATerm();
    private final StaleTermChangesNothing staleTermChangesNothing = new StaleTermChangesNothing();
    private final SamePrefixApplied samePrefixApplied = new SamePrefixApplied();
    private final AppliedExactlyOnce appliedExactlyOnce = new AppliedExactlyOnce();
    private final TimestampsRise timestampsRise = new TimestampsRise();
    private final SameTermSameEntry sameTermSameEntry = new SameTermSameEntry();
    private final AcknowledgedIsNeverLost acknowledgedIsNeverLost = new AcknowledgedIsNeverLost();
    private final VisibleOnlyUnderItsRule visibleOnlyUnderItsRule;

    public Invariants(Disks disks) {
        visibleOnlyUnderItsRule = new VisibleOnlyUnderItsRule(disks);
    }

    public SamePrefixApplied samePrefixApplied() {
        return samePrefixApplied;
    }

    public void onHandled(NodeId at, ReplicationMessage message, Term promised, Effects effects) {
        staleTermChangesNothing.check(at, message, promised, effects);
    }

    public void afterInput(NodeId at, PartitionReplica core) {
        oneLeaderATerm.check(at, core);
    }

    public void onLeading(NodeId leader, SimulatedDisk disk) {
        acknowledgedIsNeverLost.checkLeader(leader, disk);
    }

    public void onAppend(NodeId at, LogEntry entry) {
        sameTermSameEntry.check(at, entry);
    }

    /** The core of a replica says that everything up to {@code last} is committed. */
    public void onCommit(NodeId at, PartitionReplica core, ReplicaGroup written, @Nullable LogEntry last) {
        visibleOnlyUnderItsRule.check(at, core, written, last);
    }

    public void onApplied(
            NodeId at, PartitionReplica core, ReplicaGroup written, Content before, Content after, LogEntry entry) {
        appliedExactlyOnce.check(at, after, entry);
        samePrefixApplied.check(at, entry);
        timestampsRise.check(at, before, entry);
        visibleOnlyUnderItsRule.check(at, core, written, entry);
    }

    public void onAcknowledged(NodeId by, LogEntry entry, TransactionId transaction) {
        acknowledgedIsNeverLost.onAcknowledged(by, entry, transaction);
    }
}
