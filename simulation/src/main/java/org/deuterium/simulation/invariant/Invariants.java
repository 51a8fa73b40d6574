package org.deuterium.simulation.invariant;

import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.simulation.world.Content;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
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
    private final NobodyElectedUnderALease nobodyElectedUnderALease = new NobodyElectedUnderALease();
    private final OnlyAsyncTakesBack onlyAsyncTakesBack = new OnlyAsyncTakesBack();
    private final ReadsMissNothing readsMissNothing = new ReadsMissNothing();
    private final LeaderCommitsItsOwnTerm leaderCommitsItsOwnTerm = new LeaderCommitsItsOwnTerm();
    private final SaysOnlyWhatIsDurable saysOnlyWhatIsDurable = new SaysOnlyWhatIsDurable();
    private final AsyncTailIsSetAside asyncTailIsSetAside = new AsyncTailIsSetAside();
    private final VisibleOnlyUnderItsRule visibleOnlyUnderItsRule;
    private final AcknowledgedMeetsANewGroup acknowledgedMeetsANewGroup;
    private final CommittedOnEnoughDisks committedOnEnoughDisks;

    /** The latest term in which ASYNC was the rule. */
    private Term asyncThrough = Term.NONE;

    public Invariants(Disks disks) {
        DiskCount count = new DiskCount(disks);
        visibleOnlyUnderItsRule = new VisibleOnlyUnderItsRule(count);
        acknowledgedMeetsANewGroup = new AcknowledgedMeetsANewGroup(count);
        committedOnEnoughDisks = new CommittedOnEnoughDisks(count);
    }

    public SamePrefixApplied samePrefixApplied() {
        return samePrefixApplied;
    }

    public void onHandled(NodeId at, ReplicationMessage message, Term promised, Effects effects, Content applied) {
        staleTermChangesNothing.check(at, message, promised, effects);
        onlyAsyncTakesBack.check(at, effects, applied, asyncThrough);
    }

    public void onSend(NodeId from, Term promised, SimulatedDisk disk, ReplicationMessage message) {
        saysOnlyWhatIsDurable.check(from, promised, disk, message);
    }

    public void afterInput(NodeId at, PartitionReplica core, long clockMillis, ReplicaGroup written) {
        oneLeaderATerm.check(at, core);
        nobodyElectedUnderALease.check(at, core, clockMillis, written);
    }

    public void onGroupWritten(ReplicaGroup written) {
        asyncThrough = written.asyncThrough();
        if (written.ackRule().kind() == AckRule.Kind.ASYNC) {
            acknowledgedIsNeverLost.forget();
            acknowledgedMeetsANewGroup.forget();
            readsMissNothing.forget();
        }
        acknowledgedMeetsANewGroup.check(written);
    }

    /** A group was written; told for each living process. */
    public void onGroupWritten(ReplicaGroup written, NodeId at, PartitionReplica core, long clockMillis) {
        nobodyElectedUnderALease.check(at, core, clockMillis, written);
    }

    public void onLeading(NodeId leader, Term term, SimulatedDisk disk) {
        acknowledgedIsNeverLost.checkLeader(leader, term, disk);
    }

    public void onAppend(NodeId at, LogEntry entry) {
        sameTermSameEntry.check(at, entry);
    }

    /** The core of a replica says that everything up to {@code last} is committed. */
    public void onCommit(NodeId at, PartitionReplica core, ReplicaGroup written, @Nullable LogEntry last) {
        leaderCommitsItsOwnTerm.check(at, core, last);
        visibleOnlyUnderItsRule.check(at, core, written, last);
        committedOnEnoughDisks.check(at, core, last);
    }

    public void onApplied(
            NodeId at, PartitionReplica core, ReplicaGroup written, Content before, Content after, LogEntry entry) {
        appliedExactlyOnce.check(at, after, entry);
        samePrefixApplied.check(at, after, entry, asyncThrough);
        timestampsRise.check(at, before, entry);
        visibleOnlyUnderItsRule.check(at, core, written, entry);
    }

    /** @param group the group the leader had read; under ASYNC an acknowledgement says nothing about other disks */
    public void onAcknowledged(
            NodeId by, StorageId storage, LogEntry entry, TransactionId transaction, @Nullable ReplicaGroup group) {
        if (group == null || group.ackRule().kind() == AckRule.Kind.ASYNC) {
            asyncTailIsSetAside.onAcknowledged(entry, storage);
            return;
        }
        acknowledgedIsNeverLost.onAcknowledged(by, entry, transaction);
        acknowledgedMeetsANewGroup.onAcknowledged(entry);
        readsMissNothing.onAcknowledged(entry.index().position());
    }

    public void onSetAside(LogEntry entry) {
        asyncTailIsSetAside.onSetAside(entry);
    }

    /** The disk is gone, or what it held is out of reach. */
    public void onDiskLost(StorageId storage) {
        asyncTailIsSetAside.onDiskLost(storage);
    }

    /** The log was cut through this index before its tail was set aside: what only H2 held of it is not among that. */
    public void onHeldByH2Alone(StorageId storage, long through) {
        asyncTailIsSetAside.onNotSetAside(storage, through);
    }

    /** The directory goes with its replica; what it held up to this index is left to the leader's log. */
    public void onLeftToTheLeader(StorageId storage, long through) {
        asyncTailIsSetAside.onNotSetAside(storage, through);
    }

    /** How many entries acknowledged under ASYNC are not in the log. */
    public long lostUnderAsync() {
        return asyncTailIsSetAside.lost(samePrefixApplied);
    }

    /** The cluster is whole again. */
    public void atTheEnd() {
        asyncTailIsSetAside.check(samePrefixApplied);
    }

    /** A client's strong read begins: it must show whatever any client knows by now. */
    public ReadsMissNothing.Begun readBegins() {
        return readsMissNothing.begins();
    }

    public void onRead(NodeId at, ReadsMissNothing.Begun read, long shown) {
        readsMissNothing.check(at, read, shown);
    }
}
