package org.deuterium.replication;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** A leader's way out: once its successor has everything, and is not stuck, it gives its lease up, and then the term. */
final class LeadHandOver {

    private final ReplicaFacts facts;
    private final Term term;
    private @Nullable NodeId successor;
    private boolean released;
    private long releasedMillis;

    LeadHandOver(ReplicaFacts facts, Term term) {
        this.facts = facts;
        this.term = term;
    }

    void to(NodeId target) {
        successor = target;
    }

    boolean isBegun() {
        return successor != null;
    }

    /** The lease is given up: voters may promise a later term at once. */
    boolean isReleased() {
        return released;
    }

    /** The lead is kept; false if it is too late for that. */
    boolean keep() {
        if (!released) {
            successor = null;
        }
        return !released;
    }

    /** Releases the lease when the successor has everything, and asks for an election until there is one. */
    void proceed(ReplicaGroup group, List<FollowerProgress> followers, long nowMillis) {
        NodeId target = successor;
        if (target == null) {
            return;
        }
        if (!released && hasEverything(target, followers)) {
            released = true;
            releasedMillis = nowMillis - facts.settings.configRetryMillis();
            for (FollowerProgress follower : followers) {
                facts.out.sendNow(follower.node, release());
            }
        }
        if (released && nowMillis - releasedMillis >= facts.settings.configRetryMillis()) {
            releasedMillis = nowMillis;
            facts.out.configChange(group.handedOverTo(target));
        }
    }

    private boolean hasEverything(NodeId target, List<FollowerProgress> followers) {
        long last = facts.log.lastIndex();
        for (FollowerProgress follower : followers) {
            if (follower.node.equals(target)) {
                return follower.votes && !follower.stuck && follower.match == last && facts.commit == last;
            }
        }
        return false;
    }

    private AppendEntries release() {
        return new AppendEntries(
                facts.partition,
                term,
                new LogIndex(facts.log.lastIndex()),
                new Term(facts.log.lastTerm()),
                new LogIndex(facts.toldCommit()),
                0,
                true,
                List.of());
    }
}
