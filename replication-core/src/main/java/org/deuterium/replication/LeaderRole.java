package org.deuterium.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.TailLease;
import org.jspecify.annotations.Nullable;

/** The part of a replica that leads the promised term: gives entries their place, and decides what is committed. */
final class LeaderRole {

    private static final byte[] NO_PAYLOAD = new byte[0];

    private final ReplicaFacts facts;
    private final Term term;
    private final GroupInForce group;
    private final Chain chain;
    private List<FollowerProgress> followers;
    private final LeadHandOver handOver;
    private final long serveFrom;
    private long leaseUntilMillis;
    private long leaseLastSeenMillis;

    /** Begins the term with an entry of its own, sent at once as if every follower had the same log. */
    LeaderRole(ReplicaFacts facts, ReplicaGroup elected, long nowMillis) {
        this.facts = facts;
        this.term = facts.promised;
        this.group = new GroupInForce(facts, elected);
        this.chain = new Chain(facts.node);
        this.handOver = new LeadHandOver(facts, term);
        this.serveFrom = facts.log.lastIndex() + 1;
        this.leaseLastSeenMillis = nowMillis;
        this.followers = followersOf(elected, List.of(), nowMillis);
        waitForFormerTails(nowMillis);
        facts.out.roleChange(new RoleChange(term, facts.node, true, new LogIndex(serveFrom), null));
        append(List.of(new Proposal(TransactionId.NONE, EntryKind.TERM_START, NO_PAYLOAD)), nowMillis, 0);
    }

    /**
     * Whoever led before may have granted any member a lease as the tail, at the latest just before this term began. The
     * leader of the very term before has none itself: it gave up what it had when it began to lead.
     */
    private void waitForFormerTails(long nowMillis) {
        for (FollowerProgress follower : followers) {
            boolean ledLastTerm = facts.heardTerm == term.number() - 1 && follower.node.equals(facts.heardLeader);
            if (group.read().ackRule().kind() == AckRule.Kind.CHAIN && !ledLastTerm) {
                follower.tailUntilMillis = nowMillis + facts.settings.graceMillis();
            }
        }
    }

    /** Granted only under the own lease: so whoever is elected next is so later than this. */
    void onTailAsks(NodeId from, TailLease asked, long nowMillis) {
        FollowerProgress follower = find(followers, from);
        if (follower != null && nowMillis < leaseUntilMillis && group.keepsTail(from, asked.storage())) {
            follower.tailUntilMillis = nowMillis + facts.settings.graceMillis();
            facts.out.sendNow(from, asked.grant());
        }
    }

    ReplicaGroup group() {
        return group.read();
    }

    /** The index of this term's first entry; what was committed before is known only once it is committed. */
    long serveFrom() {
        return serveFrom;
    }

    private List<FollowerProgress> followersOf(ReplicaGroup voters, List<FollowerProgress> known, long nowMillis) {
        List<FollowerProgress> result = new ArrayList<>(voters.replicas().size());
        for (ReplicaGroup.Voter voter : voters.replicas()) {
            if (voter.node().equals(facts.node)) {
                continue;
            }
            FollowerProgress progress = find(known, voter.node());
            result.add(
                    progress != null
                            ? progress
                            : new FollowerProgress(voter.node(), facts.log.lastIndex() + 1, facts.settings, nowMillis));
        }
        return result;
    }

    private static @Nullable FollowerProgress find(List<FollowerProgress> followers, NodeId node) {
        for (int i = 0; i < followers.size(); i++) {
            if (followers.get(i).node.equals(node)) {
                return followers.get(i);
            }
        }
        return null;
    }

    /** @param wallMillis no entry gets an earlier timestamp; 0 for one that shows nothing */
    void append(List<Proposal> proposals, long nowMillis, long wallMillis) {
        long first = facts.log.lastIndex() + 1;
        Term previousTerm = new Term(facts.log.lastTerm());
        List<LogEntry> entries = new ArrayList<>(proposals.size());
        long bytes = 0;
        for (int i = 0; i < proposals.size(); i++) {
            Proposal proposal = proposals.get(i);
            facts.lastTimestamp =
                    facts.lastTimestamp.max(proposal.dependsOn()).next().max(Timestamp.ofMillis(wallMillis));
            entries.add(new LogEntry(
                    term,
                    new LogIndex(first + i),
                    facts.lastTimestamp,
                    proposal.transaction(),
                    proposal.kind(),
                    proposal.payload()));
            facts.log.append(first + i, term.number());
            bytes += proposal.payload().length;
        }
        facts.appended();
        facts.out.append(entries);
        if (bytes <= facts.settings.batchBytes() || entries.size() == 1) {
            sendDirectly(entries, previousTerm, bytes, nowMillis);
        } else {
            sendInParts(entries, previousTerm, nowMillis);
        }
    }

    /** A batch that is too much for one message. */
    private void sendInParts(List<LogEntry> entries, Term previousTerm, long nowMillis) {
        int from = 0;
        long bytes = 0;
        for (int i = 0; i < entries.size(); i++) {
            int size = entries.get(i).payload().length;
            if (i > from && bytes + size > facts.settings.batchBytes()) {
                sendDirectly(entries.subList(from, i), from == 0 ? previousTerm : term, bytes, nowMillis);
                from = i;
                bytes = 0;
            }
            bytes += size;
        }
        sendDirectly(entries.subList(from, entries.size()), from == 0 ? previousTerm : term, bytes, nowMillis);
    }

    /** To every follower that has, or will have, all that comes before: the same message object for all of them. */
    private void sendDirectly(List<LogEntry> entries, Term previousTerm, long bytes, long nowMillis) {
        long first = entries.get(0).index().position();
        AppendEntries shared = null;
        if (group.read().ackRule().kind() == AckRule.Kind.CHAIN) {
            sendAlongTheChain(entries, previousTerm, bytes, nowMillis);
        } else {
            chain.dissolve();
        }
        for (int i = 0; i < followers.size(); i++) {
            FollowerProgress follower = followers.get(i);
            if (follower.takesDirectly(first)) {
                if (shared == null) {
                    shared = message(first - 1, previousTerm, nowMillis, entries);
                }
                facts.out.sendNow(follower.node, shared);
                follower.sent(first + entries.size() - 1, bytes, nowMillis);
                follower.toldCommit = facts.toldCommit();
            }
        }
    }

    /** To the first member only; each passes it on. Who takes no part in the chain is sent to directly afterwards. */
    private void sendAlongTheChain(List<LogEntry> entries, Term previousTerm, long bytes, long nowMillis) {
        long first = entries.get(0).index().position();
        List<FollowerProgress> members = chain.membersFor(first, group.read(), followers, nowMillis);
        if (members.isEmpty()) {
            return;
        }
        AppendEntries message =
                message(first - 1, previousTerm, nowMillis, entries).along(chain.route());
        facts.out.sendNow(members.get(0).node, message);
        for (int i = 0; i < members.size(); i++) {
            members.get(i).sentAlong(first + entries.size() - 1, bytes);
        }
    }

    private AppendEntries message(long previous, Term previousTerm, long nowMillis, List<LogEntry> entries) {
        return new AppendEntries(
                facts.partition,
                term,
                new LogIndex(previous),
                previousTerm,
                new LogIndex(facts.toldCommit()),
                handOver.isReleased() ? 0 : nowMillis,
                handOver.isReleased(),
                entries);
    }

    void onAnswer(NodeId from, AppendAnswer answer, long nowMillis) {
        FollowerProgress follower = find(followers, from);
        if (follower == null) {
            return; // a node that has left the group
        }
        follower.lastHeardMillis = nowMillis;
        follower.stuck = answer.stuck();
        if (!answer.storage().equals(follower.storage)) {
            if (follower.storage == null) {
                follower.storage = answer.storage();
            } else {
                follower.startOver(answer.storage(), facts.log.lastIndex() + 1);
                chain.dissolve(); // what is still on its way back through it speaks of the former directory
            }
            group.recount(followers);
        }
        follower.confirmedMillis = Math.max(follower.confirmedMillis, answer.confirmsMillis());
        renewLease(nowMillis);
        long index = answer.index().position();
        if (answer.parted()) {
            sendSnapshot(follower);
        } else if (!answer.accepted()) {
            onRejection(
                    follower,
                    index,
                    answer.hintIndex().position(),
                    answer.hintTerm().number(),
                    nowMillis);
        } else if (index <= facts.log.lastIndex()) {
            acknowledged(follower, index, nowMillis);
            for (FollowerProgress member : chain.membersOf(answer.routeNumber())) {
                // an answer that came back through the chain speaks for everybody in it
                acknowledged(member, answer.throughTail().position(), nowMillis);
            }
            advanceCommit(nowMillis);
            proceedHandOver(nowMillis);
        } else {
            throw new IllegalStateException(facts.partition + ": " + from + " acknowledges " + answer.index() + " in "
                    + term + ", whose leader " + facts.node + " has no entry after i" + facts.log.lastIndex());
        }
        sendFromLog(follower, nowMillis);
    }

    private void acknowledged(FollowerProgress follower, long index, long nowMillis) {
        if (index > follower.match) {
            follower.progressMillis = nowMillis;
        }
        follower.acknowledged(index, facts.log.baseIndex());
    }

    private void renewLease(long nowMillis) {
        if (handOver.isReleased()) {
            return;
        }
        leaseUntilMillis = group.confirmedMillis(followers, nowMillis) + facts.settings.leaseMillis();
        if (nowMillis < leaseUntilMillis) {
            leaseLastSeenMillis = nowMillis;
        }
    }

    /** Before that moment on this node's clock nobody else can have been elected. */
    long leaseUntilMillis() {
        return leaseUntilMillis;
    }

    /** True if it was cut off from its voters for so long that another should try. */
    boolean wantsOut(long nowMillis) {
        return nowMillis - leaseLastSeenMillis >= facts.settings.resignMillis();
    }

    /** The logs do not agree before what was sent: step back to where they may, by whole terms (KIP-101, KIP-279). */
    private void onRejection(FollowerProgress follower, long rejected, long hintIndex, long hintTerm, long nowMillis) {
        boolean stale = rejected <= follower.match
                || follower.mode == FollowerProgress.Mode.SNAPSHOT
                || (follower.mode == FollowerProgress.Mode.PROBE && rejected != follower.next - 1);
        if (stale) {
            return;
        }
        follower.aloneUntilMillis = nowMillis + facts.settings.lagMillis();
        LogShape log = facts.log;
        long agree = log.lastAtOrBefore(hintIndex, hintTerm);
        if (hintIndex < log.baseIndex() || (agree == log.baseIndex() && log.baseTerm() > hintTerm)) {
            sendSnapshot(follower);
            return;
        }
        follower.probeAt(Math.max(follower.match, agree) + 1);
        heartbeat(follower, nowMillis);
    }

    private void sendSnapshot(FollowerProgress follower) {
        if (follower.mode != FollowerProgress.Mode.SNAPSHOT) {
            follower.needSnapshot();
            facts.out.snapshotTo(follower.node);
        }
    }

    private void sendFromLog(FollowerProgress follower, long nowMillis) {
        if (!follower.wantsFromLog(facts.log.lastIndex())) {
            return;
        }
        long previousTerm = facts.log.termAt(follower.next - 1);
        if (previousTerm == LogShape.UNKNOWN) {
            sendSnapshot(follower);
            return;
        }
        follower.reading = true;
        facts.out.sendFromLog(new Effects.SendFromLog(
                follower.node,
                term,
                new LogIndex(follower.next),
                new LogIndex(facts.log.lastIndex()),
                new Term(previousTerm),
                new LogIndex(facts.toldCommit()),
                handOver.isReleased() ? 0 : nowMillis,
                facts.settings.batchBytes()));
    }

    void onSentFromLog(NodeId to, LogIndex lastSent, long bytes, long nowMillis) {
        FollowerProgress follower = find(followers, to);
        if (follower == null || !follower.reading) {
            return;
        }
        follower.reading = false;
        // an answer may have moved the place meanwhile; then what was sent is no more than a duplicate
        if (follower.mode == FollowerProgress.Mode.STREAM && lastSent.position() >= follower.next) {
            follower.sent(lastSent.position(), bytes, nowMillis);
            sendFromLog(follower, nowMillis);
        }
    }

    void onSnapshotSent(NodeId to, long nowMillis) {
        FollowerProgress follower = find(followers, to);
        if (follower != null && follower.mode == FollowerProgress.Mode.SNAPSHOT) {
            follower.probeAt(facts.log.baseIndex() + 1);
            heartbeat(follower, nowMillis);
        }
    }

    void onDurable(long nowMillis) {
        advanceCommit(nowMillis);
        proceedHandOver(nowMillis);
    }

    /** Takes no more proposals; when everything is committed and there, the target is to be elected. */
    void handOverTo(NodeId target, long nowMillis) {
        handOver.to(target);
        proceedHandOver(nowMillis);
    }

    /** True if that follower's database cannot go on with the log. */
    boolean isStuck(NodeId node) {
        FollowerProgress follower = find(followers, node);
        return follower != null && follower.stuck;
    }

    boolean isHandingOver() {
        return handOver.isBegun();
    }

    /** Goes on leading. False if the lease is given up already, so that somebody else will lead. */
    boolean keepLead() {
        return handOver.keep();
    }

    /** Its own H2 shows nobody anything. */
    private void handOverToWhoeverHasAll(long nowMillis) {
        for (FollowerProgress follower : followers) {
            boolean hasAll = follower.match == facts.log.lastIndex();
            if (!handOver.isReleased() && !follower.stuck && follower.votes && hasAll) {
                handOverTo(follower.node, nowMillis);
            }
        }
    }

    private void proceedHandOver(long nowMillis) {
        handOver.proceed(group.read(), followers, nowMillis);
        if (handOver.isReleased()) {
            leaseUntilMillis = 0;
        }
    }

    /** False while a rule that counts the in-sync set finds too few there to take writes. */
    boolean mayWrite() {
        return group.read().hasEnoughInSync();
    }

    void wishRule(AckRule rule, long nowMillis) {
        group.wishRule(rule, followers);
        wishChange(nowMillis);
    }

    void wishReplacement(NodeId lost, NodeId fresh) {
        group.wishReplacement(lost, fresh);
    }

    RuleStanding standingOf(AckRule rule) {
        return group.standingOf(rule);
    }

    WishWithdrawn withdrawRule(AckRule rule, long nowMillis) {
        WishWithdrawn withdrawn = group.withdrawRule(rule, followers);
        advanceCommit(nowMillis);
        return withdrawn;
    }

    private void advanceCommit(long nowMillis) {
        long index = Math.min(group.committed(followers), facts.durable);
        if (group.needsLeaseToCommit() && nowMillis >= leaseUntilMillis) {
            return; // it might be alone in thinking that it leads
        }
        if (!mayWrite()) {
            // what clients were let write while there were enough must not be acknowledged by fewer
            index = Math.min(index, Math.max(facts.commit, serveFrom));
        }
        // entries of older terms are committed only by one of this term (Ongaro 2014, 5.4.2)
        if (index > facts.commit && facts.log.termAt(index) == term.number()) {
            facts.commitTo(index);
        }
    }

    void onTick(long nowMillis) {
        for (int i = 0; i < followers.size(); i++) {
            FollowerProgress follower = followers.get(i);
            long idleMillis = nowMillis - follower.lastSentMillis;
            boolean commitUntold = follower.toldCommit < facts.toldCommit();
            if (idleMillis >= facts.settings.heartbeatMillis()
                    || (commitUntold && idleMillis >= facts.settings.heartbeatMillis() / 4)) {
                heartbeat(follower, nowMillis);
            }
            sendFromLog(follower, nowMillis);
        }
        renewLease(nowMillis);
        advanceCommit(nowMillis);
        if (!handOver.isReleased()) {
            wishChange(nowMillis);
        }
        if (facts.stuck) {
            handOverToWhoeverHasAll(nowMillis);
        }
        proceedHandOver(nowMillis);
    }

    private void wishChange(long nowMillis) {
        group.wishChange(followers, facts.commit >= serveFrom, nowMillis);
        // by the group that is tried others may elect: the lease must be as good under it before it is on its way
        renewLease(nowMillis);
    }

    /** An empty message; it also finds out whether the follower still has what was sent before it. */
    private void heartbeat(FollowerProgress follower, long nowMillis) {
        long base = facts.log.baseIndex();
        if (follower.next <= base) {
            follower.next = base + 1; // the log was cut meanwhile: ask about the first place it can still speak of
        }
        long previous = follower.mode == FollowerProgress.Mode.SNAPSHOT ? base : follower.next - 1;
        boolean onItsWay = follower.chained
                && follower.mode == FollowerProgress.Mode.STREAM
                && nowMillis - follower.progressMillis < 3 * facts.settings.heartbeatMillis();
        if (onItsWay && follower.match >= base) {
            previous = follower.match; // what comes through the chain may not be there yet, and is not to be doubted
        }
        follower.lastSentMillis = nowMillis;
        follower.toldCommit = facts.toldCommit();
        facts.out.sendNow(follower.node, message(previous, new Term(facts.log.termAt(previous)), nowMillis, List.of()));
    }

    /** The group was read again and still names this replica as the leader of this term. */
    void onGroup(ReplicaGroup later, long nowMillis) {
        followers = followersOf(later, followers, nowMillis);
        group.onRead(later, followers);
        renewLease(nowMillis);
        advanceCommit(nowMillis);
    }

    /** The log may be cut through this index without sending a snapshot to a follower that keeps up. */
    long neededAfter() {
        long lowest = facts.commit;
        for (FollowerProgress follower : followers) {
            if (group.read().inSync().contains(follower.node)) {
                lowest = Math.min(lowest, follower.match);
            }
        }
        return lowest;
    }
}
