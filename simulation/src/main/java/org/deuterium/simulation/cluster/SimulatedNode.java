package org.deuterium.simulation.cluster;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.RoleChange;
import org.deuterium.simulation.world.FaultKind;
import org.deuterium.simulation.world.SimulatedClock;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.jspecify.annotations.Nullable;

/** One node of the simulated cluster: the driving loop of {@link PartitionReplica} over a disk that can be lost. */
public final class SimulatedNode {

    private static final int TICK_MILLIS = 15;

    /** Something the core is told. */
    interface Input {
        Effects tell(PartitionReplica core);
    }

    private final Cluster cluster;
    private final NodeCalls calls;
    private final NodeId id;
    private final int place;
    private final ArrayDeque<Input> inbox = new ArrayDeque<>();
    private final ArrayDeque<Runnable> heldByPause = new ArrayDeque<>();
    private final List<Effects.Send> afterDurable = new ArrayList<>();
    private final Map<Long, TransactionId> waiting = new HashMap<>();
    private SimulatedDisk disk;
    private SimulatedClock clock;
    private @Nullable PartitionReplica core;
    private boolean alive;
    private int starts;

    /** It holds a directory of the partition, whether the group wants that or not. */
    private boolean holdsReplica;

    /** The latest group that this process has read. */
    private @Nullable ReplicaGroup read;

    private int incarnation;
    private boolean paused;
    private boolean syncing;
    private boolean wrote;
    private long lastAppended;
    private final SimulatedDatabase database;
    private final SideFiles sideFiles;

    SimulatedNode(Cluster cluster, NodeId id, int place, StorageId storage, boolean holdsReplica) {
        this.cluster = cluster;
        this.calls = new NodeCalls(cluster, this);
        this.database = new SimulatedDatabase(cluster, this);
        this.sideFiles = new SideFiles(cluster, this);
        this.id = id;
        this.place = place;
        this.holdsReplica = holdsReplica;
        this.disk = new SimulatedDisk(storage);
        this.clock = newClock();
    }

    private SimulatedClock newClock() {
        double drift = cluster.faults().drift() * (2 * cluster.chance.share() - 1);
        return new SimulatedClock(
                cluster.timeline, 1 + drift, cluster.chance.below(1_000) - 500, cluster.chance.below(20_000) - 10_000);
    }

    public NodeId id() {
        return id;
    }

    public int place() {
        return place;
    }

    public boolean alive() {
        return alive;
    }

    public boolean isPaused() {
        return paused;
    }

    /** Null while the process is down, or has no replica. */
    public @Nullable PartitionReplica core() {
        return core;
    }

    /** Another number for each process that was started here. */
    int process() {
        return starts;
    }

    long clockMillis() {
        return clock.now();
    }

    long wallMillis() {
        return clock.wall();
    }

    /** Sets the wall clock, while the process lives. */
    public void stepWallClock(long millis) {
        cluster.trace.say(() -> "the wall clock of " + id + " steps by " + millis + " ms");
        clock.step(millis);
    }

    public SimulatedDisk disk() {
        return disk;
    }

    /** Starts the process; a directory found damaged is given up for a new one, as the host does. */
    public void start() {
        alive = true;
        starts++;
        cluster.counts.count(FaultKind.CLOCK_SET);
        clock = newClock();
        if (holdsReplica) {
            open();
        }
        cluster.coordinator.hear(this);
        readGroup();
    }

    private void open() {
        if (disk.isDamaged()) {
            cluster.trace.say(() -> id + " finds its log damaged");
            replaceDisk();
        }
        disk.syncWhatIsRead();
        PartitionReplica opened = new PartitionReplica(disk.open(Cluster.PARTITION, id), cluster.settings, clock.now());
        core = opened;
        cluster.trace.say(() -> id + " starts with " + opened.term() + " " + opened.lastIndex() + "/"
                + opened.lastTerm() + " applied " + opened.appliedIndex() + " on " + disk.storage());
        lastAppended = opened.lastIndex().position();
        database.openedAt(opened.appliedIndex().position());
        tick();
    }

    /** Reads the group until one is known. */
    void readGroup() {
        cluster.coordinator.read(this);
        own(500, () -> {
            if (read == null) {
                readGroup();
            }
        });
    }

    private void tick() {
        give(core -> core.onTick(clock.now()));
        own(TICK_MILLIS, this::tick);
    }

    /** kill -9, or the power goes too: memory is gone, and of the disk what was not synced, or it is still not synced. */
    public void crash() {
        cluster.trace.say(() -> id + " crashes");
        alive = false;
        read = null;
        forgetReplica();
        if (disk.isSyncing() && cluster.chance.oneIn(2)) {
            cluster.counts.count(FaultKind.UNSYNCED_WRITES_KEPT);
            disk.processEnds();
        } else {
            disk.crash(cluster.chance, cluster.counts);
        }
        cluster.coordinator.lose(this);
    }

    private void forgetReplica() {
        incarnation++;
        core = null;
        inbox.clear();
        heldByPause.clear();
        afterDurable.clear();
        waiting.clear();
        paused = false;
        syncing = false;
        wrote = false;
    }

    /** The directory is gone; an empty one with a name of its own takes its place. */
    public void replaceDisk() {
        StorageId storage = cluster.newStorage();
        cluster.trace.say(() -> id + " gets the empty disk " + storage);
        disk = new SimulatedDisk(storage);
    }

    /** SIGSTOP for a while: nothing happens in this process, then it goes on with what it had in hand. */
    public void pauseFor(long millis) {
        if (core == null || paused) {
            return;
        }
        cluster.counts.count(FaultKind.PAUSE);
        cluster.trace.say(() -> id + " is paused");
        paused = true;
        cluster.coordinator.lose(this);
        int mine = incarnation;
        cluster.timeline.after(millis, () -> {
            if (mine == incarnation) {
                resume();
            }
        });
    }

    /** SIGCONT. */
    public void resume() {
        if (!paused) {
            return;
        }
        cluster.trace.say(() -> id + " goes on");
        paused = false;
        cluster.coordinator.hear(this);
        while (!paused && !heldByPause.isEmpty()) {
            heldByPause.remove().run();
        }
        loop();
    }

    /** Plans something this process does; it never happens if the process dies before, and waits while it is paused. */
    void own(long millis, Runnable action) {
        int mine = incarnation;
        cluster.timeline.after(millis, () -> {
            if (mine == incarnation) {
                if (paused) {
                    heldByPause.add(action);
                } else {
                    action.run();
                }
            }
        });
    }

    /** A group was written; this process does not know it yet. */
    void witness(ReplicaGroup written) {
        if (core != null) {
            cluster.invariants.onGroupWritten(written, id, core, clock.now());
        }
    }

    /** A group was read from the coordinator: it says too whether this node is to have a replica. */
    void onGroup(ReplicaGroup group) {
        if (!alive || (read != null && read.version() >= group.version())) {
            return;
        }
        read = group;
        if (core == null && group.hasReplica(id)) {
            cluster.trace.say(() -> id + " is to have a replica");
            holdsReplica = true;
            open();
        }
        give(core -> {
            if (group.hasReplica(id)) {
                return core.onConfig(group, clock.now());
            }
            drop(core, group);
            return Effects.NONE;
        });
    }

    /** The replica was given to another node: its directory goes, and what may be lost with it is kept before. */
    private void drop(PartitionReplica replica, ReplicaGroup group) {
        cluster.trace.say(() -> "the replica of " + id + " is no longer wanted");
        sideFiles.keepBeforeRemoval(replica, group);
        forgetReplica();
        holdsReplica = false;
        disk = new SimulatedDisk(cluster.newStorage());
    }

    void onMessage(NodeId from, ReplicationMessage message) {
        give(core -> {
            Term before = core.term();
            Effects effects = core.onMessage(from, message, clock.now());
            cluster.invariants.onHandled(id, message, before, effects, disk.applied());
            return effects;
        });
    }

    /** What clients and administrators ask of this node. */
    public NodeCalls calls() {
        return calls;
    }

    void give(Input input) {
        if (core != null) {
            inbox.add(input);
            loop();
        }
    }

    private void loop() {
        PartitionReplica replica = core;
        while (replica != null && replica == core && !syncing && !paused) {
            Input next = inbox.poll();
            if (next != null) {
                perform(replica, next.tell(replica));
                if (replica == core) {
                    cluster.invariants.afterInput(id, replica, clock.now(), cluster.coordinator.group());
                }
            } else if (wrote) {
                sync(replica);
            } else {
                sendAfterDurable(replica);
                return;
            }
        }
    }

    private void sync(PartitionReplica replica) {
        syncing = true;
        wrote = false;
        disk.beginSync();
        long durable = lastAppended;
        cluster.counts.fsyncs++;
        own(cluster.chance.delay(cluster.faults().fsyncMillis()), () -> {
            disk.endSync();
            syncing = false;
            sendAfterDurable(replica);
            perform(replica, replica.onDurable(new LogIndex(durable), clock.now()));
            loop();
        });
    }

    private void sendAfterDurable(PartitionReplica replica) {
        for (int i = 0; i < afterDurable.size(); i++) {
            Effects.Send send = afterDurable.get(i);
            say(replica, send);
        }
        afterDurable.clear();
    }

    void perform(PartitionReplica replica, Effects effects) {
        if (effects == Effects.NONE) {
            return;
        }
        if (effects.persistTerm() != null) {
            disk.writePromise(effects.persistTerm());
        }
        RoleChange change = effects.roleChange();
        if (change != null) {
            onRole(change);
        }
        if (effects.persistTerm() != null || change != null) {
            cluster.somethingDecisiveAt(this);
        }
        if (effects.setAside() != null) {
            sideFiles.keep(effects.setAside().position());
        }
        if (effects.parted()) {
            cluster.trace.say(() -> id + " has applied what its leader does not have");
            cluster.counts.partings++;
            database.parted();
        }
        if (effects.discardAfter() != null) {
            cluster.trace.say(() -> id + " discards after " + effects.discardAfter());
            disk.writeDiscard(effects.discardAfter().position());
        }
        for (LogEntry entry : effects.append()) {
            disk.writeEntry(entry);
            lastAppended = entry.index().position();
            cluster.invariants.onAppend(id, entry);
            if (replica.isLeader() && !entry.transaction().equals(TransactionId.NONE)) {
                cluster.counts.proposals++;
                waiting.put(lastAppended, entry.transaction());
            }
        }
        wrote |= effects.writes();
        if (effects.writes() && cluster.chance.happens(cluster.faults().pauses() / 500)) {
            heldByPause.addFirst(() -> send(replica, effects)); // in the middle of something
            pauseFor(cluster.chance.delay(cluster.faults().pauseMillis()));
        } else {
            send(replica, effects);
        }
    }

    private void onRole(RoleChange change) {
        cluster.trace.say(() -> id + " " + change);
        if (change.leading()) {
            cluster.counts.elections++;
            cluster.invariants.onLeading(id, change.term(), disk);
        }
        LogIndex lost = change.lost();
        if (lost != null) {
            waiting.keySet().removeIf(index -> index > lost.position());
        }
    }

    private void send(PartitionReplica replica, Effects effects) {
        List<Effects.Send> now = effects.sendNow();
        for (int i = 0; i < now.size(); i++) {
            say(replica, now.get(i));
        }
        for (Effects.SendFromLog send : effects.sendFromLog()) {
            sendFromLog(send);
        }
        afterDurable.addAll(effects.sendAfterDurable());
        LogIndex committed = effects.commitTo();
        if (committed != null) {
            cluster.invariants.onCommit(id, replica, cluster.coordinator.group(), disk.entry(committed.position()));
            database.applyThrough(committed.position(), replica);
        }
        ReplicaGroup wished = effects.configChange();
        if (wished != null) {
            cluster.trace.say(() -> id + " wishes " + wished);
            cluster.coordinator.compareAndSet(this, wished);
            cluster.somethingDecisiveAt(this);
        }
        for (NodeId to : effects.snapshotTo()) {
            database.sendSnapshot(replica, to);
        }
    }

    private void say(PartitionReplica replica, Effects.Send send) {
        cluster.invariants.onSend(id, replica.term(), disk, send.message());
        cluster.send(place, id, send.to(), send.message());
    }

    private void sendFromLog(Effects.SendFromLog send) {
        List<LogEntry> entries = new ArrayList<>();
        int bytes = 0;
        for (long index = send.from().position(); index <= send.through().position(); index++) {
            LogEntry entry = disk.entry(index);
            if (entry == null || (!entries.isEmpty() && bytes + entry.payload().length > send.maxBytes())) {
                break;
            }
            entries.add(entry);
            bytes += entry.payload().length;
        }
        LogIndex previous = new LogIndex(send.from().position() - 1);
        if (!entries.isEmpty()) {
            cluster.send(
                    place,
                    id,
                    send.to(),
                    new AppendEntries(
                            Cluster.PARTITION,
                            send.term(),
                            previous,
                            send.previousTerm(),
                            send.commitIndex(),
                            send.sentMillis(),
                            entries));
        }
        int sent = bytes;
        inbox.addFirst(core -> core.onSentFromLog(send.to(), previous.plus(entries.size()), sent, clock.now()));
        own(0, this::loop);
    }

    /** The transaction of a client that waits here for the commit of this entry, taken out; null if nobody does. */
    @Nullable
    TransactionId noLongerWaits(long index) {
        return waiting.remove(index);
    }

    /** Nobody is answered any more. */
    void answerNobody() {
        waiting.clear();
    }

    boolean isSyncing() {
        return syncing;
    }

    long lastAppended() {
        return lastAppended;
    }

    /** The log begins anew after this entry. */
    void logStartsAfter(long index) {
        lastAppended = index;
    }

    SideFiles sideFiles() {
        return sideFiles;
    }

    /** Its H2. */
    public SimulatedDatabase database() {
        return database;
    }
}
