package org.deuterium.replication;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;

/** The replica under test: node a of the group a, b, c, with short words for what happens to it. */
final class OneReplica {

    static final PartitionId PARTITION = new PartitionId(3);
    static final NodeId A = new NodeId("a");
    static final NodeId B = new NodeId("b");
    static final NodeId C = new NodeId("c");
    static final ReplicaSettings SETTINGS =
            new ReplicaSettings(100, 2_000, 500, 1_000, 1_000, 10, 60_000, 1_000, 4_000, 4);

    final PartitionReplica core;
    long now = 1_000_000;
    private int version;

    OneReplica(LogShape log, long promised, long applied) {
        core = new PartitionReplica(
                new ReplicaState(
                        PARTITION,
                        A,
                        storage(A),
                        new Term(promised),
                        log,
                        Timestamp.ofMillis(5),
                        new LogIndex(applied)),
                SETTINGS,
                now - 10_000);
    }

    static OneReplica empty() {
        return new OneReplica(new LogShape(), 0, 0);
    }

    /** A replica that was elected in a term and has nothing but that term's first entry, fsynced. */
    static OneReplica leaderOf(long term) {
        return elected(new LogShape(), term);
    }

    static OneReplica elected(LogShape log, long term) {
        OneReplica replica = new OneReplica(log, 0, log.baseIndex());
        replica.promise(term);
        Effects begun = replica.group(term, A);
        assertEquals(1, begun.append().size());
        replica.durable(replica.core.lastIndex().position());
        return replica;
    }

    /** A log whose entries have these terms, from index 1. */
    static LogShape log(long... terms) {
        LogShape log = new LogShape();
        for (int i = 0; i < terms.length; i++) {
            log.append(i + 1, terms[i]);
        }
        return log;
    }

    static StorageId storage(NodeId node) {
        return new StorageId("disk-of-" + node);
    }

    static ReplicaGroup groupOf(long term, NodeId leader, int version) {
        return new ReplicaGroup(
                PARTITION,
                new Term(term),
                leader,
                AckRule.QUORUM,
                List.of(
                        new ReplicaGroup.Voter(A, storage(A)),
                        new ReplicaGroup.Voter(B, storage(B)),
                        new ReplicaGroup.Voter(C, storage(C))),
                List.of(A, B, C),
                version);
    }

    Effects group(long term, NodeId leader) {
        return core.onConfig(groupOf(term, leader, ++version), now);
    }

    Effects group(ReplicaGroup group) {
        version = group.version();
        return core.onConfig(group, now);
    }

    Effects promise(long term) {
        return core.onMessage(new NodeId("controller"), new PromiseRequest(PARTITION, new Term(term)), now);
    }

    Effects append(NodeId from, long term, long previous, long previousTerm, long commit, long... terms) {
        List<LogEntry> entries = new ArrayList<>();
        for (int i = 0; i < terms.length; i++) {
            entries.add(entry(terms[i], previous + 1 + i));
        }
        return core.onMessage(
                from,
                new AppendEntries(
                        PARTITION,
                        new Term(term),
                        new LogIndex(previous),
                        new Term(previousTerm),
                        new LogIndex(commit),
                        entries),
                now);
    }

    static LogEntry entry(long term, long index) {
        return new LogEntry(
                new Term(term),
                new LogIndex(index),
                new Timestamp(index),
                new TransactionId(1, index),
                EntryKind.ROWS,
                new byte[10]);
    }

    Effects propose(int count) {
        List<Proposal> proposals = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            proposals.add(new Proposal(new TransactionId(2, i), EntryKind.ROWS, new byte[100]));
        }
        return core.onProposals(proposals, now, now);
    }

    Effects durable(long index) {
        return core.onDurable(new LogIndex(index), now);
    }

    Effects accepted(NodeId from, long index) {
        return acceptedFrom(from, storage(from), index);
    }

    Effects acceptedFrom(NodeId from, StorageId storage, long index) {
        return core.onMessage(
                from, AppendAnswer.accepted(PARTITION, core.term(), now, storage, new LogIndex(index)), now);
    }

    Effects rejected(NodeId from, long previous, long hintIndex, long hintTerm) {
        return core.onMessage(
                from,
                new AppendAnswer(
                        PARTITION,
                        core.term(),
                        storage(from),
                        false,
                        new LogIndex(previous),
                        new LogIndex(hintIndex),
                        new Term(hintTerm)),
                now);
    }

    Effects tick(long millis) {
        now += millis;
        return core.onTick(now);
    }

    /** The only acknowledgement among messages. */
    static AppendAnswer answer(List<Effects.Send> sends) {
        assertEquals(1, sends.size(), () -> "one answer expected: " + sends);
        return (AppendAnswer) sends.get(0).message();
    }

    static AppendEntries entriesTo(NodeId to, Effects effects) {
        for (Effects.Send send : effects.sendNow()) {
            if (send.to().equals(to)) {
                return (AppendEntries) send.message();
            }
        }
        throw new AssertionError("nothing sent to " + to + ": " + effects);
    }
}
