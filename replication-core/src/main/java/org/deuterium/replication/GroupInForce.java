package org.deuterium.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * The leader's view of its group: the one that was read last, and, while a compare-and-set is on its way, the one that
 * is being tried. Until a later group is read nobody knows which of the two a future election will ask, so an entry
 * is committed only when it meets both.
 */
final class GroupInForce {

    private final ReplicaFacts facts;
    private ReplicaGroup read;
    private CommitRule readRule;
    private @Nullable ReplicaGroup tried;
    private @Nullable CommitRule triedRule;
    private long triedMillis;
    private long[] positions;

    GroupInForce(ReplicaFacts facts, ReplicaGroup group) {
        this.facts = facts;
        this.read = group;
        this.readRule = ruleOf(group);
        this.positions = new long[group.replicas().size()];
    }

    ReplicaGroup read() {
        return read;
    }

    boolean isTrying() {
        return tried != null;
    }

    /** A later group was read: it is in force alone, whatever became of the one that was tried. */
    void onRead(ReplicaGroup group, List<FollowerProgress> followers) {
        read = group;
        readRule = ruleOf(group);
        positions = new long[group.replicas().size()];
        tried = null;
        triedRule = null;
        recount(followers);
    }

    /** A follower answered from another directory, or the groups have changed: who counts now? */
    void recount(List<FollowerProgress> followers) {
        ReplicaGroup attempt = tried;
        for (FollowerProgress follower : followers) {
            follower.counts = counts(read, follower);
            follower.countsInTried = attempt != null && counts(attempt, follower);
        }
    }

    private static boolean counts(ReplicaGroup group, FollowerProgress follower) {
        return follower.storage != null && group.counts(follower.node, follower.storage);
    }

    /** How far entries are committed under every group that may be in force. */
    long committed(List<FollowerProgress> followers) {
        long committed = readRule.committed(fill(followers, false));
        if (triedRule != null) {
            committed = Math.min(committed, triedRule.committed(fill(followers, true)));
        }
        return committed;
    }

    private long[] fill(List<FollowerProgress> followers, boolean inTried) {
        // the leader's own vote is what it has fsynced; voters that do not count stay at 0
        positions[0] = facts.durable;
        int voter = 1;
        for (int i = 0; i < followers.size(); i++) {
            FollowerProgress follower = followers.get(i);
            positions[voter++] = (inTried ? follower.countsInTried : follower.counts) ? follower.match : 0;
        }
        return positions;
    }

    /**
     * Looks for a change of the group that is due, and wishes it: the directory of a follower that has caught up, or
     * another in-sync set.
     */
    void wishChange(List<FollowerProgress> followers, long nowMillis) {
        if (tried != null) {
            if (nowMillis - triedMillis >= facts.settings.configRetryMillis()) {
                wish(tried, nowMillis);
            }
            return;
        }
        for (FollowerProgress follower : followers) {
            if (follower.storage != null
                    && !follower.counts
                    && follower.mode == FollowerProgress.Mode.STREAM
                    && follower.match >= facts.commit) {
                tryIfSafe(read.withStorage(follower.node, follower.storage), followers, nowMillis);
                return;
            }
        }
        List<NodeId> inSync = inSyncNow(followers, nowMillis);
        if (!inSync.equals(read.inSync())) {
            tryIfSafe(read.withInSync(inSync), followers, nowMillis);
        }
    }

    /** What is committed must be so under the wished group too, before anybody may be elected by it. */
    private void tryIfSafe(ReplicaGroup wished, List<FollowerProgress> followers, long nowMillis) {
        tried = wished;
        triedRule = ruleOf(wished);
        recount(followers);
        if (triedRule.committed(fill(followers, true)) < facts.commit) {
            tried = null;
            triedRule = null;
            recount(followers);
            return;
        }
        wish(wished, nowMillis);
    }

    private void wish(ReplicaGroup wished, long nowMillis) {
        triedMillis = nowMillis;
        facts.out.configChange(wished);
    }

    /** Those who keep up, in the order of the set that is known, newcomers last. */
    private List<NodeId> inSyncNow(List<FollowerProgress> followers, long nowMillis) {
        List<NodeId> inSync = new ArrayList<>(read.inSync());
        if (!inSync.contains(facts.node)) {
            inSync.add(0, facts.node);
        }
        for (FollowerProgress follower : followers) {
            long lag = follower.lagMillis(facts.log.lastIndex(), nowMillis);
            if (!follower.counts || lag >= facts.settings.lagMillis()) {
                // one that has not answered yet is given the time of the lag limit too
                if (follower.storage != null || lag >= facts.settings.lagMillis()) {
                    inSync.remove(follower.node);
                }
            } else if (lag < facts.settings.lagMillis() / 2 && !inSync.contains(follower.node)) {
                inSync.add(follower.node);
            }
        }
        inSync.removeIf(node -> !read.hasReplica(node));
        return inSync;
    }

    private static CommitRule ruleOf(ReplicaGroup group) {
        return new CommitRule(group.ackRule(), group.replicas().size());
    }
}
