package org.deuterium.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * The leader's view of its group: the one that was read last, and, while a change is being made, the one that is being
 * tried. From the moment a change is begun an entry is committed only when it meets both; the compare-and-set is sent
 * once everything committed before meets the new one too; and until a later group is read nobody knows which of the two
 * a future election will ask, so both stay in force.
 */
final class GroupInForce {

    /** One of the two groups, with its arithmetic. */
    private static final class Side {

        final ReplicaGroup group;
        final CommitRule rule;
        private final boolean leaderVotes;
        private final long[] positions;

        Side(ReplicaFacts facts, ReplicaGroup group) {
            this.group = group;
            this.leaderVotes = group.votes(facts.node, facts.storage);
            int voters = Math.max(1, group.voters().size());
            this.rule = new CommitRule(group.ackRule(), voters);
            this.positions = new long[voters];
        }

        /** How far it is committed; voters that are not counted are taken to have nothing. */
        long committed(ReplicaFacts facts, List<FollowerProgress> followers, boolean tried) {
            java.util.Arrays.fill(positions, 0);
            // the leader's own vote is what it has fsynced
            int voter = 0;
            if (leaderVotes) {
                positions[voter++] = facts.durable;
            }
            for (int i = 0; i < followers.size(); i++) {
                FollowerProgress follower = followers.get(i);
                if (tried ? follower.votesInTried : follower.votes) {
                    positions[voter++] = follower.match;
                }
            }
            return rule.committed(positions);
        }

        /** The latest sending time that enough voters have confirmed; the leader confirms itself all the time. */
        long confirmed(List<FollowerProgress> followers, boolean tried, long nowMillis) {
            java.util.Arrays.fill(positions, 0);
            int voter = 0;
            if (leaderVotes) {
                positions[voter++] = nowMillis;
            }
            for (int i = 0; i < followers.size(); i++) {
                FollowerProgress follower = followers.get(i);
                if (tried ? follower.votesInTried : follower.votes) {
                    positions[voter++] = follower.confirmedMillis;
                }
            }
            return rule.confirmed(positions);
        }
    }

    private final ReplicaFacts facts;
    private Side read;
    private @Nullable Side tried;

    /** The compare-and-set may have reached the board; before that the change can still be dropped. */
    private boolean sent;

    private long triedMillis;
    private final RuleWish wishedRule = new RuleWish();
    private @Nullable Replacement wishedReplacement;

    /** A node whose replica another one is to have. */
    private record Replacement(NodeId lost, NodeId fresh) {}

    GroupInForce(ReplicaFacts facts, ReplicaGroup group) {
        this.facts = facts;
        this.read = new Side(facts, group);
    }

    ReplicaGroup read() {
        return read.group;
    }

    /** True if the leader's own fsync may be all that a commit takes. */
    boolean needsLeaseToCommit() {
        Side attempt = tried;
        return read.group.ackRule().kind() == AckRule.Kind.ASYNC
                && (attempt == null || attempt.group.ackRule().kind() == AckRule.Kind.ASYNC);
    }

    /** The rule that is to replace the present one, or the one that is on its way, as soon as that can be done. */
    void wishRule(AckRule rule, List<FollowerProgress> followers) {
        wishedRule.add(rule);
        dropOtherRule(rule, followers);
        if (standingOf(rule) == RuleStanding.IN_FORCE) {
            wishedRule.fulfilled();
        }
    }

    /** A change to another rule than this one was begun; nobody can have seen it if it was not sent. */
    private void dropOtherRule(AckRule rule, List<FollowerProgress> followers) {
        Side attempt = tried;
        if (attempt != null
                && !sent
                && changesRule(attempt)
                && !attempt.group.ackRule().equals(rule)) {
            tried = null;
            recount(followers);
        }
    }

    private boolean changesRule(Side attempt) {
        return !attempt.group.ackRule().equals(read.group.ackRule());
    }

    /** A rule that was read is not in force for good while another one may reach the board. */
    RuleStanding standingOf(AckRule rule) {
        Side attempt = tried;
        if (rule.equals(read.group.ackRule()) && (attempt == null || !changesRule(attempt))) {
            return RuleStanding.IN_FORCE;
        }
        return wishedRule.isFor(rule) ? RuleStanding.WISHED : RuleStanding.GIVEN_UP;
    }

    /** The replica of a node that is lost is to be another one's; forgotten when the lost one keeps up again. */
    void wishReplacement(NodeId lost, NodeId fresh) {
        wishedReplacement = new Replacement(lost, fresh);
    }

    /** A later group was read: it is in force alone, whatever became of the one that was tried. */
    void onRead(ReplicaGroup group, List<FollowerProgress> followers) {
        read = new Side(facts, group);
        tried = null;
        sent = false;
        if (wishedRule.isFor(group.ackRule())) {
            wishedRule.fulfilled();
        }
        recount(followers);
    }

    /** A follower answered from another directory, or the groups have changed: who votes now? */
    void recount(List<FollowerProgress> followers) {
        Side attempt = tried;
        for (FollowerProgress follower : followers) {
            follower.registered = follower.storage != null && read.group.counts(follower.node, follower.storage);
            follower.votes = votes(read.group, follower);
            follower.votesInTried = attempt != null && votes(attempt.group, follower);
        }
    }

    private static boolean votes(ReplicaGroup group, FollowerProgress follower) {
        return follower.storage != null && group.votes(follower.node, follower.storage);
    }

    /** How far entries are committed under every group that may be in force. */
    long committed(List<FollowerProgress> followers) {
        long committed = read.committed(facts, followers, false);
        Side attempt = tried;
        return attempt == null ? committed : Math.min(committed, attempt.committed(facts, followers, true));
    }

    /** The latest sending time that no election under any group that may be in force can get past. */
    long confirmedMillis(List<FollowerProgress> followers, long nowMillis) {
        long confirmed = read.confirmed(followers, false, nowMillis);
        Side attempt = tried;
        return attempt == null ? confirmed : Math.min(confirmed, attempt.confirmed(followers, true, nowMillis));
    }

    /**
     * Goes on with the change that was begun, or looks for one that is due and begins it.
     *
     * @param termCommitted false while it is not known what older terms have committed. Then only members of the in-sync
     *     set may leave it: what was committed is on all who stay
     */
    void wishChange(List<FollowerProgress> followers, boolean termCommitted, long nowMillis) {
        if (tried == null) {
            ReplicaGroup due = dueChange(followers, termCommitted, nowMillis);
            if (due == null) {
                return;
            }
            begin(due, followers, nowMillis);
        }
        proceed(followers, nowMillis);
    }

    /** Unless commits would stand still for want of voters that keep up. */
    private void begin(ReplicaGroup due, List<FollowerProgress> followers, long nowMillis) {
        Side attempt = new Side(facts, due);
        tried = attempt;
        sent = false;
        triedMillis = nowMillis;
        recount(followers);
        int keepUp = due.votes(facts.node, facts.storage) ? 1 : 0;
        for (FollowerProgress follower : followers) {
            boolean near = follower.lagMillis(facts.log.lastIndex(), nowMillis) < facts.settings.lagMillis() / 8;
            keepUp += follower.votesInTried && near ? 1 : 0;
        }
        if (keepUp < attempt.rule.acknowledgements() && !isSafe(attempt, followers)) {
            tried = null;
            recount(followers);
        }
    }

    /** One of those who wish this rule gives up. */
    WishWithdrawn withdrawRule(AckRule rule, List<FollowerProgress> followers) {
        wishedRule.withdraw(rule);
        if (wishedRule.isFor(rule)) {
            return WishWithdrawn.OTHERS_WAIT;
        }
        AckRule rest = wishedRule.rule();
        dropOtherRule(rest == null ? read.group.ackRule() : rest, followers);
        Side attempt = tried;
        return attempt != null && sent && changesRule(attempt) ? WishWithdrawn.UNKNOWN : WishWithdrawn.SURELY;
    }

    /** Sends the change when that is safe, and again when no answer was read; drops it when it cannot become safe. */
    private void proceed(List<FollowerProgress> followers, long nowMillis) {
        Side attempt = tried;
        if (attempt == null) {
            return;
        }
        boolean waitedLong = nowMillis - triedMillis >= facts.settings.configRetryMillis();
        if (sent) {
            if (waitedLong) {
                wish(attempt.group, nowMillis);
            }
        } else if (isSafe(attempt, followers)) {
            if (!leavesOutATail(attempt.group, followers, nowMillis)) {
                sent = true;
                wish(attempt.group, nowMillis);
            }
        } else if (waitedLong) {
            // nobody can have seen it: entries need not meet it any more
            tried = null;
            recount(followers);
        }
    }

    /**
     * True if a member that answers strong reads would not be waited for any more, by this leader or by the next, which
     * knows of its lease only from the rule; so it is waited out first.
     */
    private static boolean leavesOutATail(ReplicaGroup next, List<FollowerProgress> followers, long nowMillis) {
        for (FollowerProgress follower : followers) {
            if (nowMillis < follower.tailUntilMillis && !next.waitsForTail(follower.node)) {
                return true;
            }
        }
        return false;
    }

    /** True if this directory is the tail's, and will be waited for under every group that may be in force. */
    boolean keepsTail(NodeId node, StorageId storage) {
        Side attempt = tried;
        return node.equals(read.group.tail())
                && read.group.votes(node, storage)
                && (attempt == null || attempt.group.waitsForTail(node));
    }

    /**
     * What is committed meets the group that is tried too. If that only gives votes to new directories, which have
     * everything that is committed, it is met by as many as before and more; then nothing is gained by waiting for others
     * whose directories are lost as well.
     */
    private boolean isSafe(Side attempt, List<FollowerProgress> followers) {
        return attempt.committed(facts, followers, true) >= facts.commit
                || onlyDirectoriesDiffer(read.group, attempt.group);
    }

    private static boolean onlyDirectoriesDiffer(ReplicaGroup from, ReplicaGroup to) {
        if (from.replicas().size() != to.replicas().size()
                || !from.ackRule().equals(to.ackRule())
                || !from.inSync().equals(to.inSync())) {
            return false;
        }
        for (ReplicaGroup.Voter voter : from.replicas()) {
            if (!to.hasReplica(voter.node())) {
                return false;
            }
        }
        return true;
    }

    private void wish(ReplicaGroup wished, long nowMillis) {
        triedMillis = nowMillis;
        facts.out.configChange(wished);
    }

    private @Nullable ReplicaGroup dueChange(List<FollowerProgress> followers, boolean termCommitted, long nowMillis) {
        List<NodeId> inSync = inSyncNow(followers, nowMillis);
        if (!termCommitted) {
            inSync.retainAll(read.group.inSync());
            return read.group.ackRule().countsInSync() && !inSync.equals(read.group.inSync())
                    ? read.group.withInSync(inSync)
                    : withNewDirectory(followers, false);
        }
        ReplicaGroup replaced = withNewDirectory(followers, true);
        if (replaced != null) {
            return replaced;
        }
        if (!inSync.equals(read.group.inSync())) {
            return read.group.withInSync(inSync);
        }
        Replacement replacement = wishedReplacement;
        if (replacement != null) {
            wishedReplacement = null; // asked again by the controller if nothing comes of it
            if (isPossible(replacement)) {
                return read.group.withReplacement(replacement.lost, replacement.fresh);
            }
        }
        AckRule rule = wishedRule.rule();
        return rule == null || rule.equals(read.group.ackRule()) ? null : read.group.withAckRule(rule);
    }

    /**
     * A follower's new directory has a vote once it has what is committed. While that is not known, once it has an entry of
     * this term, and so all that the leader was elected with: where every replica must have an entry (SEMI_SYNC of all
     * of them), nothing could be committed before.
     */
    private @Nullable ReplicaGroup withNewDirectory(List<FollowerProgress> followers, boolean termCommitted) {
        for (FollowerProgress follower : followers) {
            if (follower.storage != null
                    && !follower.registered
                    && follower.mode == FollowerProgress.Mode.STREAM
                    && (termCommitted
                            ? follower.match >= facts.commit
                            : facts.log.termAt(follower.match) == facts.promised.number())) {
                return read.group.withStorage(follower.node, follower.storage);
            }
        }
        return null;
    }

    private boolean isPossible(Replacement replacement) {
        return read.group.hasReplica(replacement.lost)
                && !read.group.hasReplica(replacement.fresh)
                && !read.group.inSync().contains(replacement.lost)
                && !replacement.lost.equals(facts.node);
    }

    /** Those who keep up, in the order of the set that is known, newcomers last. */
    private List<NodeId> inSyncNow(List<FollowerProgress> followers, long nowMillis) {
        List<NodeId> inSync = new ArrayList<>(read.group.inSync());
        if (!inSync.contains(facts.node)) {
            inSync.add(0, facts.node);
        }
        long limit = facts.settings.lagMillis();
        for (FollowerProgress follower : followers) {
            long lag = follower.lagMillis(facts.log.lastIndex(), nowMillis);
            boolean silent = follower.storage == null && read.group.ackRule().countsInSync()
                    ? lag >= facts.settings.silenceMillis()
                    : lag >= limit;
            if (!follower.registered || silent) {
                // one that has not answered yet is given some time too
                if (follower.storage != null || silent) {
                    inSync.remove(follower.node);
                }
            } else if (!inSync.contains(follower.node) && lag < limitToEnter(limit)) {
                inSync.add(follower.node);
            }
        }
        inSync.removeIf(node -> !read.group.hasReplica(node));
        return inSync;
    }

    /** Where commits wait for every member, one that enters must nearly have caught up. */
    private long limitToEnter(long limit) {
        return read.group.ackRule().countsInSync() ? limit / 8 : limit / 2;
    }
}
