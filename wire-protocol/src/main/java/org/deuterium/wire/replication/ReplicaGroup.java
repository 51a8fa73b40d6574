package org.deuterium.wire.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/**
 * The state of a partition as the coordinator keeps it: who may vote, who leads, since which term. It changes only by
 * compare-and-set on {@code version}. Only the leader changes replicas, inSync and ackRule; only the controller raises
 * the term and names a leader; a leader that can no longer lead writes itself out (leader null), which asks for an
 * election.
 *
 * @param leader who leads the term, null while it is being elected
 * @param replicas who holds a copy; the storage id says which directory a vote is bound to
 * @param inSync the replicas that keep up, in the order they came: the voters of SYNC and CHAIN; for the other rules it
 *     only reports who lags
 * @param successor whom a leader that handed over wants to be elected, between equal logs; null if nobody in particular
 * @param asyncThrough the latest term in which ASYNC was the rule, {@link Term#NONE} if it never was: entries of this and
 *     older terms may have been acknowledged by a leader that was alone with them
 * @param version counts the changes (the znode's version), the expected value of the next compare-and-set
 */
public record ReplicaGroup(
        PartitionId partition,
        Term term,
        @Nullable NodeId leader,
        AckRule ackRule,
        List<Voter> replicas,
        List<NodeId> inSync,
        @Nullable NodeId successor,
        Term asyncThrough,
        int version) {

    /** A group in which nobody was asked to take over, and whose rule was never ASYNC before. */
    public ReplicaGroup(
            PartitionId partition,
            Term term,
            @Nullable NodeId leader,
            AckRule ackRule,
            List<Voter> replicas,
            List<NodeId> inSync,
            int version) {
        this(partition, term, leader, ackRule, replicas, inSync, null, Term.NONE, version);
    }

    public ReplicaGroup {
        asyncThrough = ackRule.kind() == AckRule.Kind.ASYNC && asyncThrough.isBefore(term) ? term : asyncThrough;
        replicas = List.copyOf(replicas);
        inSync = List.copyOf(inSync);
    }

    /** A node that holds a replica, and the directory it holds it in ({@link StorageId#UNKNOWN} until registered). */
    public record Voter(NodeId node, StorageId storage) {}

    /** The directory whose vote counts for a node; null if the node is no replica, or has not registered one. */
    public @Nullable StorageId storageOf(NodeId node) {
        for (Voter voter : replicas) {
            if (voter.node().equals(node)) {
                return voter.storage().equals(StorageId.UNKNOWN) ? null : voter.storage();
            }
        }
        return null;
    }

    /** Who votes under the ack rule, for commits, leases and elections alike: the replicas, or those in sync. */
    public List<Voter> voters() {
        if (!ackRule.countsInSync()) {
            return replicas;
        }
        List<Voter> voters = new ArrayList<>(inSync.size());
        for (Voter voter : replicas) {
            if (inSync.contains(voter.node())) {
                voters.add(voter);
            }
        }
        return voters;
    }

    /** True if this directory of this node has a vote under the ack rule. */
    public boolean votes(NodeId node, StorageId storage) {
        return counts(node, storage) && (!ackRule.countsInSync() || inSync.contains(node));
    }

    /** Promises that an election of this group needs. */
    public int promisesToElect() {
        return ackRule.promisesToElect(voters().size());
    }

    /** False if a rule that counts the in-sync set has too few members there: writes are refused. */
    public boolean hasEnoughInSync() {
        return !ackRule.countsInSync() || inSync.size() >= Math.min(ackRule.minInSync(), replicas.size());
    }

    /**
     * The end of the chain under CHAIN: what it has passed every other member, and strong reads may go to it. Null under
     * the other rules, while nobody leads, and if the leader is alone.
     */
    public @Nullable NodeId tail() {
        if (ackRule.kind() != AckRule.Kind.CHAIN || leader == null) {
            return null;
        }
        for (int i = inSync.size() - 1; i >= 0; i--) {
            if (!inSync.get(i).equals(leader)) {
                return inSync.get(i);
            }
        }
        return null;
    }

    /**
     * True if under this group nothing is committed without this member, and whoever is elected under it first waits for
     * the lease that the member may have as a chain's tail.
     */
    public boolean waitsForTail(NodeId node) {
        return ackRule.kind() == AckRule.Kind.CHAIN && inSync.contains(node);
    }

    /** True if this directory of this node is the one the group knows, whether it votes now or not. */
    public boolean counts(NodeId node, StorageId storage) {
        return storage.equals(storageOf(node));
    }

    public boolean hasReplica(NodeId node) {
        for (Voter voter : replicas) {
            if (voter.node().equals(node)) {
                return true;
            }
        }
        return false;
    }

    /** The next term, led by nobody yet: what the controller writes before it asks for promises. */
    public ReplicaGroup withNextTerm() {
        return new ReplicaGroup(
                partition, term.next(), null, ackRule, replicas, inSync, successor, asyncThrough, version + 1);
    }

    public ReplicaGroup withLeader(@Nullable NodeId newLeader) {
        return new ReplicaGroup(partition, term, newLeader, ackRule, replicas, inSync, null, asyncThrough, version + 1);
    }

    /** Nobody leads any more, and this one should be elected. */
    public ReplicaGroup handedOverTo(NodeId target) {
        return new ReplicaGroup(partition, term, null, ackRule, replicas, inSync, target, asyncThrough, version + 1);
    }

    public ReplicaGroup withInSync(List<NodeId> newInSync) {
        return new ReplicaGroup(
                partition, term, leader, ackRule, replicas, newInSync, successor, asyncThrough, version + 1);
    }

    public ReplicaGroup withAckRule(AckRule rule) {
        return new ReplicaGroup(partition, term, leader, rule, replicas, inSync, successor, asyncThrough, version + 1);
    }

    /** The same group with another directory for one of its nodes. */
    public ReplicaGroup withStorage(NodeId node, StorageId storage) {
        List<Voter> changed = new ArrayList<>(replicas.size());
        for (Voter voter : replicas) {
            changed.add(voter.node().equals(node) ? new Voter(node, storage) : voter);
        }
        return new ReplicaGroup(
                partition, term, leader, ackRule, changed, inSync, successor, asyncThrough, version + 1);
    }

    /** The same group with a replica on another node, whose directory has no vote until the leader adds it. */
    public ReplicaGroup withReplacement(NodeId lost, NodeId fresh) {
        List<Voter> changed = new ArrayList<>(replicas.size());
        for (Voter voter : replicas) {
            changed.add(voter.node().equals(lost) ? new Voter(fresh, StorageId.UNKNOWN) : voter);
        }
        List<NodeId> stay = new ArrayList<>(inSync);
        stay.remove(lost);
        return new ReplicaGroup(partition, term, leader, ackRule, changed, stay, null, asyncThrough, version + 1);
    }

    /** The same group in a later term, led by nobody yet. */
    public ReplicaGroup inTerm(Term later) {
        return new ReplicaGroup(partition, later, null, ackRule, replicas, inSync, successor, asyncThrough, version);
    }

    /** The same group once its replicas' directories are known. */
    public ReplicaGroup formedOf(List<Voter> registered, List<NodeId> ready) {
        return new ReplicaGroup(
                partition, term, null, ackRule, registered, ready, successor, asyncThrough, version + 1);
    }

    /** What a process sees that must not take itself for the leader: the same state, led by nobody. */
    public ReplicaGroup seenWithoutLeader() {
        return new ReplicaGroup(partition, term, null, ackRule, replicas, inSync, successor, asyncThrough, version);
    }

    public ReplicaGroup withVersion(int newVersion) {
        return new ReplicaGroup(
                partition, term, leader, ackRule, replicas, inSync, successor, asyncThrough, newVersion);
    }
}
