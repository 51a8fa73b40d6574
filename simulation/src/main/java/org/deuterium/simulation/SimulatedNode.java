package org.deuterium.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.jspecify.annotations.Nullable;

/** One node of the simulated cluster: the driving loop of {@link PartitionReplica} over a disk that can be lost. */
final class SimulatedNode {

    private static final int TICK_MILLIS = 15;

    final NodeId id;
    SimulatedDisk disk;

    private final Simulation simulation;
    private final Timeline timeline;
    private final long clockOffset;
    private final Deque<Supplier<Effects>> inbox = new ArrayDeque<>();
    private final List<Effects.Send> afterDurable = new ArrayList<>();
    private final Map<Long, TransactionId> pending = new TreeMap<>();
    private final Map<NodeId, Long> countedByBug = new TreeMap<>();
    private @Nullable PartitionReplica core;
    private int incarnation;
    private boolean syncing;
    private boolean wrote;
    private long lastAppended;
    private long commitTo;
    private boolean applying;

    SimulatedNode(Simulation simulation, NodeId id, StorageId storage) {
        this.simulation = simulation;
        this.timeline = simulation.timeline;
        this.id = id;
        this.disk = new SimulatedDisk(storage);
        this.clockOffset = timeline.random.nextInt(1_000) - 500;
    }

    boolean alive() {
        return core != null;
    }

    @Nullable
    PartitionReplica core() {
        return core;
    }

    void start() {
        PartitionReplica opened = new PartitionReplica(disk.open(Simulation.PARTITION, id), simulation.settings);
        core = opened;
        simulation.trace(() -> id + " starts with " + opened.term() + " " + opened.lastIndex() + "/" + opened.lastTerm()
                + " applied " + opened.appliedIndex() + " on " + disk.storage);
        lastAppended = opened.lastIndex().position();
        commitTo = disk.applied.size();
        int mine = incarnation;
        simulation.coordinator.read(group -> {
            if (mine == incarnation) {
                onGroup(group);
            }
        });
        tick(mine);
    }

    private void tick(int mine) {
        if (mine == incarnation && core != null) {
            give(() -> replica().onTick(now()));
            timeline.after(TICK_MILLIS, () -> tick(mine));
        }
    }

    /** kill -9, or the power goes: memory is gone, and of the disk what was not synced. */
    void crash() {
        simulation.trace(() -> id + " crashes");
        incarnation++;
        core = null;
        inbox.clear();
        afterDurable.clear();
        pending.clear();
        countedByBug.clear();
        syncing = false;
        wrote = false;
        applying = false;
        disk.crash(timeline.random);
    }

    void replaceDisk(StorageId storage) {
        simulation.trace(() -> id + " gets an empty disk " + storage);
        disk = new SimulatedDisk(storage);
    }

    private PartitionReplica replica() {
        if (core == null) {
            throw new IllegalStateException(id + " is down");
        }
        return core;
    }

    private long now() {
        return timeline.now() + clockOffset;
    }

    void onGroup(ReplicaGroup group) {
        give(() -> replica().onConfig(group, now()));
    }

    void onMessage(NodeId from, ReplicationMessage message) {
        give(() -> {
            Term before = replica().term();
            countAsTheBugDoes(from, message);
            Effects effects = replica().onMessage(from, message, now());
            simulation.invariants.onHandled(id, message, before, effects);
            return effects;
        });
    }

    void propose(TransactionId transaction) {
        give(() -> {
            if (!replica().isServing()) {
                return Effects.NONE;
            }
            byte[] payload = new byte[timeline.random.nextInt(30)];
            List<Proposal> proposals = List.of(new Proposal(transaction, EntryKind.ROWS, payload));
            return replica().onProposals(proposals, now());
        });
    }

    private void give(Supplier<Effects> event) {
        if (core != null) {
            inbox.add(event);
            loop();
        }
    }

    private void loop() {
        if (syncing) {
            return;
        }
        while (!inbox.isEmpty()) {
            perform(inbox.remove().get());
        }
        if (!wrote) {
            flushAfterDurable();
            return;
        }
        syncing = true;
        wrote = false;
        disk.beginSync();
        long durable = lastAppended;
        int mine = incarnation;
        if (simulation.bug == PlantedBug.ACKNOWLEDGES_BEFORE_FSYNC) {
            flushAfterDurable();
            perform(replica().onDurable(new LogIndex(durable)));
        }
        timeline.after(timeline.delay(simulation.faults().fsyncMillis()), () -> {
            if (mine == incarnation) {
                disk.endSync();
                syncing = false;
                flushAfterDurable();
                perform(replica().onDurable(new LogIndex(durable)));
                loop();
            }
        });
    }

    private void flushAfterDurable() {
        for (Effects.Send send : afterDurable) {
            simulation.send(id, send.to(), send.message());
        }
        afterDurable.clear();
    }

    private void perform(Effects effects) {
        if (effects == Effects.NONE) {
            return;
        }
        if (effects.persistTerm() != null && simulation.bug != PlantedBug.FORGETS_PROMISES) {
            disk.writePromise(effects.persistTerm());
        }
        if (effects.persistTerm() != null || effects.roleChange() != null) {
            simulation.temptFate(this);
        }
        if (effects.roleChange() != null) {
            simulation.trace(() -> id + " " + effects.roleChange());
            simulation.invariants.onRole(this, effects.roleChange());
            pending.keySet()
                    .removeIf(index -> effects.roleChange().lost() != null
                            && index > effects.roleChange().lost().position());
            countedByBug.clear();
        }
        if (effects.discardAfter() != null) {
            simulation.trace(() -> id + " discards after " + effects.discardAfter());
            disk.writeDiscard(effects.discardAfter().position());
        }
        for (LogEntry entry : effects.append()) {
            disk.writeEntry(entry);
            lastAppended = entry.index().position();
            simulation.invariants.onAppend(id, entry);
            if (replica().isLeader()) {
                pending.put(lastAppended, entry.transaction());
            }
        }
        wrote |= effects.writes();
        for (Effects.Send send : effects.sendNow()) {
            simulation.send(id, send.to(), send.message());
        }
        for (Effects.SendFromLog send : effects.sendFromLog()) {
            sendFromLog(send);
        }
        afterDurable.addAll(effects.sendAfterDurable());
        if (effects.commitTo() != null) {
            commitTo = Math.max(commitTo, effects.commitTo().position());
            applyLater();
        }
        if (effects.configChange() != null) {
            ReplicaGroup wished = effects.configChange();
            simulation.trace(() -> id + " wishes " + wished);
            int mine = incarnation;
            simulation.coordinator.compareAndSet(wished, read -> {
                if (mine == incarnation) {
                    onGroup(read);
                }
            });
        }
        for (NodeId to : effects.snapshotTo()) {
            sendSnapshot(to);
        }
    }

    private void sendFromLog(Effects.SendFromLog send) {
        List<LogEntry> entries = new ArrayList<>();
        int bytes = 0;
        for (LogEntry entry : disk.entries
                .subMap(send.from().position(), true, send.through().position(), true)
                .values()) {
            if (!entries.isEmpty() && bytes + entry.payload().length > send.maxBytes()) {
                break;
            }
            entries.add(entry);
            bytes += entry.payload().length;
        }
        LogIndex previous = new LogIndex(send.from().position() - 1);
        if (!entries.isEmpty()) {
            simulation.send(
                    id,
                    send.to(),
                    new AppendEntries(
                            Simulation.PARTITION,
                            send.term(),
                            previous,
                            send.previousTerm(),
                            send.commitIndex(),
                            entries));
        }
        int sent = bytes;
        inbox.addFirst(() -> replica().onSentFromLog(send.to(), previous.plus(entries.size()), sent, now()));
        if (!syncing) {
            timeline.after(0, this::loop);
        }
    }

    private void applyLater() {
        if (applying) {
            return;
        }
        applying = true;
        int mine = incarnation;
        timeline.after(timeline.delay(4), () -> {
            if (mine == incarnation) {
                applying = false;
                applyThrough(commitTo);
            }
        });
    }

    private void applyThrough(long index) {
        while (disk.applied.size() < index) {
            LogEntry entry = disk.entries.get(disk.applied.size() + 1L);
            if (entry == null) {
                throw new IllegalStateException(id + " has no entry " + (disk.applied.size() + 1) + " to apply");
            }
            disk.applied.add(entry);
            simulation.invariants.onApplied(id, entry);
            TransactionId transaction = pending.remove(entry.index().position());
            if (transaction != null) {
                simulation.invariants.onAcknowledged(id, entry, transaction);
            }
        }
        replica().onApplied(new LogIndex(disk.applied.size()).min(replica().commitIndex()));
    }

    /** Stores H2, and cuts the log: as far as followers allow, or sometimes further, so that snapshots are needed. */
    void checkpoint() {
        if (core == null || syncing) {
            return;
        }
        disk.checkpoint();
        long may = timeline.random.nextInt(3) == 0
                ? disk.checkpointed()
                : core.mayCutThrough().position();
        long through = Math.min(core.appliedIndex().position(), Math.min(disk.checkpointed(), may));
        if (through > 0 && through < core.lastIndex().position()) {
            disk.cut(through);
            core.onLogCut(new LogIndex(through));
        }
    }

    private void sendSnapshot(NodeId to) {
        List<LogEntry> content = List.copyOf(disk.applied);
        Term term = replica().term();
        int mine = incarnation;
        simulation.trace(() -> id + " sends a snapshot of i" + content.size() + " to " + to);
        SimulatedNode receiver = simulation.node(to);
        simulation.network.carry(id, to, () -> receiver.onSnapshot(term, content));
        timeline.after(100, () -> {
            if (mine == incarnation) {
                give(() -> replica().onSnapshotSent(to, now()));
            }
        });
    }

    private void onSnapshot(Term term, List<LogEntry> content) {
        give(() -> {
            LogEntry last = content.get(content.size() - 1);
            if (!replica().wantsSnapshot(term, last.index(), last.term())) {
                return Effects.NONE;
            }
            simulation.trace(() -> id + " installs a snapshot of " + last);
            disk.installSnapshot(content, last.term());
            lastAppended = content.size();
            commitTo = content.size();
            return replica().onSnapshotInstalled(last.index(), last.term(), last.timestamp());
        });
    }

    /** What a leader that ignores the own-term rule would take for committed. */
    private void countAsTheBugDoes(NodeId from, ReplicationMessage message) {
        if (simulation.bug != PlantedBug.COMMITS_OLDER_TERMS
                || !(message instanceof AppendAnswer answer)
                || !answer.accepted()
                || !replica().isLeader()
                || !answer.term().equals(replica().term())) {
            return;
        }
        countedByBug.merge(from, answer.index().position(), Math::max);
        List<Long> positions = new ArrayList<>(countedByBug.values());
        positions.add(replica().durableIndex().position());
        positions.sort((a, b) -> Long.compare(b, a));
        int needed = simulation.nodes().size() / 2 + 1;
        if (positions.size() >= needed) {
            long counted =
                    Math.min(positions.get(needed - 1), replica().durableIndex().position());
            if (counted > commitTo) {
                commitTo = counted;
                applyLater();
            }
        }
    }
}
