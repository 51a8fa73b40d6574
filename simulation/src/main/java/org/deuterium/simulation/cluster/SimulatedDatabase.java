package org.deuterium.simulation.cluster;

import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.simulation.world.Content;
import org.deuterium.simulation.world.FaultKind;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** The H2 of one simulated node: takes what is committed, is stored, copied to others, fails and is replaced. */
public final class SimulatedDatabase {

    private final Cluster cluster;
    private final SimulatedNode node;
    private boolean applying;
    private boolean stuck;
    private boolean parted;
    private long commitTo;

    /** Committed while the rule was ASYNC, as far as this process knew; however late a client hears of it. */
    private long committedUnderAsync;

    private long appliedIndex;

    SimulatedDatabase(Cluster cluster, SimulatedNode node) {
        this.cluster = cluster;
        this.node = node;
    }

    /** The process has just started, or the database was replaced. */
    void openedAt(long index) {
        applying = false;
        stuck = false;
        parted = false;
        committedUnderAsync = 0;
        appliedIndex = index;
        commitTo = index;
    }

    /** Everything up to here is committed. */
    void applyThrough(long index, PartitionReplica replica) {
        ReplicaGroup group = replica.group();
        if (group == null || group.ackRule().kind() == AckRule.Kind.ASYNC) {
            committedUnderAsync = index;
        }
        commitTo = Math.max(commitTo, index);
        applyLater(replica);
    }

    private void applyLater(PartitionReplica replica) {
        if (!applying && !stuck) {
            applying = true;
            node.own(cluster.chance.delay(4), () -> {
                applying = false;
                if (!stuck) {
                    apply(replica);
                }
            });
        }
    }

    /** Null if what was committed at this index may have been known here alone. */
    private @Nullable ReplicaGroup ruleOf(long index, PartitionReplica replica) {
        return index <= committedUnderAsync ? null : replica.group();
    }

    private void apply(PartitionReplica replica) {
        SimulatedDisk disk = node.disk();
        while (appliedIndex < commitTo) {
            if (cluster.failsAt(appliedIndex + 1, replica)) {
                fail();
                return;
            }
            long next = ++appliedIndex;
            LogEntry entry = disk.entry(next);
            if (entry == null) {
                throw new IllegalStateException(node.id() + " has no entry i" + next + " to apply");
            }
            Content before = disk.applied();
            disk.apply(entry);
            cluster.invariants.onApplied(
                    node.id(), replica, cluster.coordinator.group(), before, disk.applied(), entry);
            TransactionId transaction = node.noLongerWaits(next);
            if (transaction != null) {
                cluster.counts.commits++;
                cluster.invariants.onAcknowledged(node.id(), disk.storage(), entry, transaction, ruleOf(next, replica));
            }
        }
        replica.onApplied(new LogIndex(
                Math.min(disk.applied().size(), replica.commitIndex().position())));
    }

    /** H2 fails, or its file is found damaged: the replica is stuck with a good log, and asks its leader for a snapshot. */
    public void fail() {
        if (node.alive() && !stuck) {
            cluster.counts.count(FaultKind.DATABASE_FAILED);
            cluster.trace.say(() -> node.id() + " is stuck before i" + (appliedIndex + 1));
            stuck = true;
            node.answerNobody();
            node.give(replica -> replica.onDatabaseFailed(node.clockMillis()));
            askForAnother();
        }
    }

    private void askForAnother() {
        node.own(cluster.chance.delay(400), () -> {
            PartitionReplica replica = node.core();
            if (stuck && replica != null) {
                NodeId leader = replica.leader();
                if (leader != null && !replica.isLeader()) {
                    SimulatedNode asked = cluster.node(leader);
                    cluster.network.carry(
                            node.place(), asked.place(), () -> asked.database().onAskedBy(node.id()));
                }
                askForAnother();
            }
        });
    }

    private void onAskedBy(NodeId by) {
        node.give(replica -> {
            if (replica.isServing()) {
                sendSnapshot(replica, by);
            }
            return Effects.NONE;
        });
    }

    /** It shows what the leader's log does not have. */
    void parted() {
        parted = true;
    }

    /** Nobody's database can become that of another from it. */
    public boolean isOfNoUse() {
        return stuck || parted;
    }

    /** Stores H2, and cuts the log: as far as followers allow, or sometimes further, so that snapshots are needed. */
    public void checkpoint() {
        PartitionReplica replica = node.core();
        SimulatedDisk disk = node.disk();
        if (replica == null || node.isSyncing() || node.isPaused() || stuck) {
            return;
        }
        disk.checkpoint(replica.appliedIndex().position());
        long may = replica.mayCutThrough().position();
        if (cluster.chance.oneIn(3) && may < disk.checkpointedIndex()) {
            cluster.counts.count(FaultKind.LOG_CUT_EARLY);
            may = disk.checkpointedIndex();
        }
        long through = Math.min(
                Math.min(disk.checkpointedIndex(), may), replica.mustKeepAfter().position());
        if (through > 0 && through < replica.lastIndex().position()) {
            disk.cut(through);
            replica.onLogCut(new LogIndex(through));
        }
    }

    void sendSnapshot(PartitionReplica replica, NodeId to) {
        SimulatedDisk disk = node.disk();
        LogEntry last = disk.applied().last();
        if (last != null) {
            Snapshot snapshot =
                    new Snapshot(replica.term(), disk.applied(), last.index(), last.term(), last.timestamp());
            cluster.trace.say(() -> node.id() + " sends a snapshot of " + last + " to " + to);
            SimulatedNode receiver = cluster.node(to);
            cluster.network.carry(
                    node.place(), receiver.place(), () -> receiver.database().onSnapshot(snapshot));
        }
        node.own(100, () -> node.give(core -> core.onSnapshotSent(to, node.clockMillis())));
    }

    private void onSnapshot(Snapshot snapshot) {
        node.give(core -> {
            if (!core.wantsSnapshot(snapshot.leaderTerm(), snapshot.index(), snapshot.termOfIndex())) {
                return Effects.NONE;
            }
            cluster.trace.say(() -> node.id() + " installs a snapshot of " + snapshot.index());
            stuck = false;
            if (core.keepsLog(snapshot.index(), snapshot.termOfIndex())) {
                return replaceDatabase(core, snapshot);
            }
            cluster.counts.snapshots++;
            LogIndex tail = core.tailBeforeSnapshot(snapshot.index(), snapshot.termOfIndex());
            if (tail != null) {
                node.sideFiles().keep(tail.position());
            }
            node.disk().installSnapshot(snapshot.content(), snapshot.index(), snapshot.termOfIndex());
            node.logStartsAfter(snapshot.index().position());
            openedAt(snapshot.index().position());
            return core.onSnapshotInstalled(snapshot.index(), snapshot.termOfIndex(), snapshot.lastTimestamp());
        });
    }

    /** Of a stuck replica only the database is replaced; everything written before is synced then. */
    private Effects replaceDatabase(PartitionReplica core, Snapshot snapshot) {
        cluster.counts.databasesReplaced++;
        node.disk().replaceDatabase(snapshot.content(), snapshot.index());
        appliedIndex = snapshot.index().position();
        commitTo = Math.max(commitTo, appliedIndex);
        node.perform(core, core.onDurable(new LogIndex(node.lastAppended()), node.clockMillis()));
        Effects effects = core.onSnapshotInstalled(snapshot.index(), snapshot.termOfIndex(), snapshot.lastTimestamp());
        applyLater(core);
        return effects;
    }
}
