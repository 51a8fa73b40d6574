package org.deuterium.simulation.scenario;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.replication.ReplicaSettings;
import org.deuterium.simulation.world.Chance;
import org.deuterium.simulation.world.RunCounts;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;

/**
 * A few replicas whose every step a scenario decides: which message arrives, when a disk has synced, when a clock goes on,
 * when the board is written and read. Whatever happens is told to {@code out}.
 */
final class Stage {

    static final PartitionId PARTITION = new PartitionId(1);
    private static final NodeId CONTROLLER = new NodeId("controller");
    private static final ReplicaSettings SETTINGS =
            new ReplicaSettings(100, 2_000, 500, 1_000, 1_000, 10, 6_000, 3, 4_000, 8);

    /** A message under way. */
    record Letter(NodeId from, NodeId to, ReplicationMessage message) {
        @Override
        public String toString() {
            return from + " -> " + to + "  " + Words.of(message);
        }
    }

    /** One replica: its disk outlives its core. */
    static final class Actor {
        final NodeId id;
        SimulatedDisk disk;
        PartitionReplica core;
        boolean paused;
        boolean unsynced;
        ReplicaGroup wish;
        final List<Effects.Send> afterDurable = new ArrayList<>();
        final List<NodeId> snapshotTo = new ArrayList<>();

        Actor(NodeId id) {
            this.id = id;
            this.disk = new SimulatedDisk(new StorageId("disk-" + id));
        }
    }

    final Map<NodeId, Actor> actors = new LinkedHashMap<>();
    final List<Letter> underWay = new ArrayList<>();
    final List<Letter> promises = new ArrayList<>();
    private final List<String> out;
    ReplicaGroup board;
    long now = 1_000_000;
    private long transactions;

    Stage(List<String> names, AckRule rule, List<String> out) {
        this.out = out;
        List<ReplicaGroup.Voter> voters = new ArrayList<>();
        List<NodeId> inSync = new ArrayList<>();
        for (String name : names) {
            Actor actor = new Actor(new NodeId(name));
            actors.put(actor.id, actor);
            voters.add(new ReplicaGroup.Voter(actor.id, actor.disk.storage()));
            inSync.add(actor.id);
        }
        board = new ReplicaGroup(PARTITION, Term.NONE, null, rule, voters, inSync, 0);
        actors.values().forEach(this::open);
    }

    private void open(Actor actor) {
        actor.core = new PartitionReplica(actor.disk.open(PARTITION, actor.id), SETTINGS, now);
        perform(actor, actor.core.onConfig(board, now));
    }

    void start(Actor actor) {
        open(actor);
        out.add(actor.id + " starts with a log to " + actor.core.lastIndex() + "/" + actor.core.lastTerm()
                + ", having promised " + actor.core.term());
    }

    void crash(Actor actor) {
        actor.core = null;
        actor.afterDurable.clear();
        actor.wish = null;
        actor.unsynced = false;
        actor.disk.crash(new Chance(0) /* keeps none of what was not synced */, new RunCounts());
    }

    void replaceDisk(Actor actor) {
        actor.disk = new SimulatedDisk(new StorageId(actor.disk.storage().value() + "-new"));
    }

    void propose(Actor actor, List<String> names) {
        List<Proposal> proposals = new ArrayList<>();
        for (String name : names) {
            proposals.add(new Proposal(
                    new TransactionId(1, ++transactions), EntryKind.ROWS, name.getBytes(StandardCharsets.UTF_8)));
        }
        perform(actor, actor.core.onProposals(proposals, now, now));
    }

    void tellBoard(Actor actor) {
        perform(actor, actor.core.onConfig(board, now));
    }

    /** Time passes for everybody who is not stopped; each looks at its clock once. */
    void pass(long millis) {
        now += millis;
        for (Actor actor : actors.values()) {
            if (actor.core != null && !actor.paused) {
                perform(actor, actor.core.onTick(now));
            }
        }
    }

    void arrive(Letter letter) {
        if (letter.to().equals(CONTROLLER)) {
            promises.add(letter);
            return;
        }
        Actor to = actors.get(letter.to());
        if (to.core != null) {
            perform(to, to.core.onMessage(letter.from(), letter.message(), now));
        }
    }

    void ask(NodeId voter, ReplicationMessage request) {
        underWay.add(new Letter(CONTROLLER, voter, request));
    }

    void sync(Actor actor) {
        actor.disk.beginSync();
        actor.disk.endSync();
        actor.unsynced = false;
        List<Effects.Send> kept = List.copyOf(actor.afterDurable);
        actor.afterDurable.clear();
        for (Effects.Send send : kept) {
            underWay.add(new Letter(actor.id, send.to(), send.message()));
        }
        perform(actor, actor.core.onDurable(actor.core.lastIndex(), now));
    }

    void changeRule(Actor actor, AckRule rule) {
        perform(actor, actor.core.changeAckRule(rule, now));
    }

    /** A node without a replica, with an empty directory, learns what stands on the board. */
    void join(NodeId id) {
        Actor actor = new Actor(id);
        actors.put(id, actor);
        open(actor);
    }

    void replace(Actor leader, NodeId lost, NodeId fresh) {
        leader.core.replaceReplica(lost, fresh);
    }

    void transfer(Actor actor, Actor target) {
        perform(actor, actor.core.transferLeader(target.id, now));
    }

    void perform(Actor actor, Effects effects) {
        if (effects.persistTerm() != null) {
            actor.disk.writePromise(effects.persistTerm());
        }
        if (effects.roleChange() != null) {
            out.add(actor.id + " " + Words.of(effects.roleChange()));
        }
        if (effects.setAside() != null) {
            setAside(actor, effects.setAside());
        }
        if (effects.parted()) {
            out.add(actor.id + " has applied what its leader does not have, and needs a snapshot");
        }
        if (effects.discardAfter() != null) {
            out.add(actor.id + " discards everything after " + effects.discardAfter());
            actor.disk.writeDiscard(effects.discardAfter().position());
        }
        if (!effects.append().isEmpty()) {
            out.add(actor.id + " writes " + Words.of(effects.append()));
            effects.append().forEach(actor.disk::writeEntry);
        }
        actor.unsynced |= effects.writes();
        if (effects.refusal() != null) {
            out.add(actor.id + " refuses: " + effects.refusal());
        }
        for (Effects.Send send : effects.sendNow()) {
            underWay.add(new Letter(actor.id, send.to(), send.message()));
        }
        for (Effects.SendFromLog send : effects.sendFromLog()) {
            sendFromLog(actor, send);
        }
        actor.afterDurable.addAll(effects.sendAfterDurable());
        if (effects.commitTo() != null) {
            apply(actor, effects.commitTo());
        }
        if (effects.configChange() != null) {
            actor.wish = effects.configChange();
            out.add(actor.id + " wishes " + Words.of(actor.wish));
        }
        for (NodeId to : effects.snapshotTo()) {
            out.add(actor.id + " must send a snapshot to " + to);
            actor.snapshotTo.add(to);
        }
    }

    /** What may be lost is copied to a side file before anything takes its place. */
    private void setAside(Actor actor, LogIndex after) {
        List<LogEntry> kept = new ArrayList<>();
        for (long index = after.position() + 1; actor.disk.entry(index) != null; index++) {
            kept.add(actor.disk.entry(index));
        }
        out.add(actor.id + " sets aside " + Words.of(kept));
    }

    private void apply(Actor actor, LogIndex through) {
        List<LogEntry> applied = new ArrayList<>();
        for (long index = actor.disk.applied().size() + 1; index <= through.position(); index++) {
            LogEntry entry = actor.disk.entry(index);
            actor.disk.apply(entry);
            applied.add(entry);
        }
        out.add(actor.id + " commits and applies " + Words.of(applied));
        actor.core.onApplied(through);
    }

    private void sendFromLog(Actor actor, Effects.SendFromLog send) {
        List<LogEntry> entries = new ArrayList<>();
        int bytes = 0;
        for (long index = send.from().position(); index <= send.through().position(); index++) {
            LogEntry entry = actor.disk.entry(index);
            if (!entries.isEmpty() && bytes + entry.payload().length > send.maxBytes()) {
                break;
            }
            entries.add(entry);
            bytes += entry.payload().length;
        }
        LogIndex previous = new LogIndex(send.from().position() - 1);
        underWay.add(new Letter(
                actor.id,
                send.to(),
                new AppendEntries(
                        PARTITION,
                        send.term(),
                        previous,
                        send.previousTerm(),
                        send.commitIndex(),
                        send.sentMillis(),
                        entries)));
        perform(actor, actor.core.onSentFromLog(send.to(), previous.plus(entries.size()), bytes, now));
    }

    /** The log is cut as far as H2 has stored it. */
    void checkpoint(Actor actor) {
        LogIndex applied = actor.core.appliedIndex();
        actor.disk.checkpoint(applied.position());
        actor.disk.cut(applied.position());
        actor.core.onLogCut(applied);
        out.add(actor.id + " has stored " + applied + " in H2 and cuts its log there");
    }

    void sendSnapshots(Actor actor) {
        for (NodeId to : List.copyOf(actor.snapshotTo)) {
            Actor receiver = actors.get(to);
            LogEntry last = actor.disk.applied().last();
            if (receiver.core.wantsSnapshot(actor.core.term(), last.index(), last.term())) {
                LogIndex tail = receiver.core.tailBeforeSnapshot(last.index(), last.term());
                if (tail != null) {
                    setAside(receiver, tail);
                }
                receiver.disk.installSnapshot(actor.disk.applied(), last.index(), last.term());
                out.add(to + " installs a snapshot as of " + Words.of(last));
                perform(receiver, receiver.core.onSnapshotInstalled(last.index(), last.term(), last.timestamp()));
            } else {
                out.add(to + " does not want it");
            }
            perform(actor, actor.core.onSnapshotSent(to, now));
        }
        actor.snapshotTo.clear();
    }

    String standing(Actor actor) {
        PartitionReplica core = actor.core;
        if (core == null) {
            return actor.id + " is down";
        }
        StringBuilder log = new StringBuilder();
        for (long index = 1; index <= core.lastIndex().position(); index++) {
            LogEntry entry = actor.disk.entry(index);
            log.append(entry == null ? "" : " " + Words.of(entry));
        }
        return actor.id + (core.isLeader() ? " leads " : " follows in ") + core.term() + ":" + log + " | committed "
                + core.commitIndex() + ", synced " + core.durableIndex();
    }
}
