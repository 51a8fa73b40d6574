package org.deuterium.replication;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.ChainRoute;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** The part of a replica that follows (or waits for) the leader of the promised term. */
final class FollowerRole {

    private final ReplicaFacts facts;
    private final TailReads tail;
    private @Nullable NodeId leader;

    /** The log up to here is the same as that of this term's leader. */
    private long matched;

    private long leaderCommit;

    private @Nullable ChainLink link;

    /** Where the leader has another entry than the committed one here, found by its last message; 0 if nowhere. */
    private long partedBefore;

    /** The leader has another entry at this index than the one that is committed here; 0 if there is none such. */
    private long parted;

    /** The latest sending time of the leader that this replica confirms. */
    private long confirms;

    /** What the leader was told to be fsynced here. */
    private long acknowledged;

    FollowerRole(ReplicaFacts facts, @Nullable NodeId leader) {
        this.facts = facts;
        this.tail = new TailReads(facts);
        this.leader = leader;
    }

    @Nullable
    NodeId leader() {
        return leader;
    }

    void follow(@Nullable NodeId newLeader) {
        leader = newLeader;
    }

    /** What this replica may do as the tail of a chain. */
    TailReads tail() {
        return tail;
    }

    /** @param from the leader, or the member of its chain that passes its entries on */
    void onAppend(NodeId from, AppendEntries message, long nowMillis) {
        if (message.releases()) {
            // whoever was elected before this leader could be so only after the lease of its predecessor
            facts.promisesNothingUntil = nowMillis;
        } else if (message.sentMillis() > 0) {
            confirms = Math.max(confirms, message.sentMillis());
            facts.promisesNothingUntil = Math.max(facts.promisesNothingUntil, nowMillis + facts.settings.graceMillis());
        }
        if (parted > 0) {
            refuseAllButASnapshot(message);
            return;
        }
        long previous = message.previousIndex().position();
        List<LogEntry> entries = message.entries();
        if (contradicts(previous, message.previousTerm())) {
            if (previous > facts.commit) {
                reject(message);
            } else {
                findWhereTheyPart(message);
            }
            return;
        }
        // entries before the commit index are compared, but may be gone from the log
        int known = (int) Math.max(0, Math.min(entries.size(), facts.commit - previous));
        for (int i = 0; i < known; i++) {
            LogEntry entry = entries.get(i);
            if (contradicts(entry.index().position(), entry.term())) {
                partAt(entry.index().position(), entry.index().position() - 1, message);
                return;
            }
        }
        matched = Math.max(matched, previous + entries.size());
        entries = known == 0 ? entries : entries.subList(known, entries.size());
        takePlaceInChain(from, message);
        List<LogEntry> missing = missingOf(entries);
        leaderCommit = Math.max(leaderCommit, message.commitIndex().position());
        if (missing.isEmpty()) {
            advanceCommit();
            acknowledge(true);
            tellUpstream(true);
            return;
        }
        long first = missing.get(0).index().position();
        if (first <= facts.log.lastIndex()) {
            facts.setAside(first - 1);
            facts.discardAfter(first - 1);
        }
        facts.appended();
        for (int i = 0; i < missing.size(); i++) {
            LogEntry entry = missing.get(i);
            facts.log.append(entry.index().position(), entry.term().number());
        }
        facts.tookTimestamp(missing.get(missing.size() - 1).timestamp());
        facts.out.append(missing);
        advanceCommit();
    }

    /** Passes entries on before they are fsynced here: the acknowledgement waits for both. */
    private void takePlaceInChain(NodeId from, AppendEntries message) {
        ChainRoute route = message.route();
        if (route == null) {
            link = message.entries().isEmpty() ? link : null;
            return;
        }
        if (link == null || !link.isOf(route, from)) {
            link = new ChainLink(route, from);
        }
        if (!route.rest().isEmpty()) {
            facts.out.sendNow(route.rest().get(0), message.along(route.afterNext()));
        }
    }

    /** The next member of the chain tells how far it and those after it are. */
    void onAnswerOfNext(NodeId from, AppendAnswer answer) {
        ChainLink mine = link;
        if (mine != null && answer.accepted()) {
            mine.heard(from, answer.routeNumber(), answer.throughTail().position());
            tellUpstream(true);
        }
    }

    private void tellUpstream(boolean withTheNextSync) {
        ChainLink mine = link;
        if (mine == null) {
            return;
        }
        long fsynced = Math.min(matched, facts.durable);
        long news = mine.newsFor(fsynced);
        if (news >= 0) {
            acknowledged = Math.max(acknowledged, fsynced);
            AppendAnswer answer = AppendAnswer.accepted(
                            facts.partition, facts.promised, confirms, facts.storage, new LogIndex(fsynced))
                    .ofChain(mine.number(), new LogIndex(news));
            send(mine.upstream(), answer, withTheNextSync);
        }
    }

    /** The promise of the term may not be durable yet, unless an fsync was just done. */
    private void send(NodeId to, AppendAnswer answer, boolean withTheNextSync) {
        if (withTheNextSync) {
            facts.out.sendAfterDurable(to, answer.stuck(facts.stuck));
        } else {
            facts.out.sendNow(to, answer.stuck(facts.stuck));
        }
    }

    /** True if the leader's entry of this term there is surely not the one that is, or was, in this log. */
    private boolean contradicts(long index, Term term) {
        LogShape log = facts.log;
        return index < log.baseIndex() ? term.number() > log.baseTerm() : log.termAt(index) != term.number();
    }

    /** The leader lacks something that was committed here: asks where the logs part, as long as that can be found. */
    private void findWhereTheyPart(AppendEntries message) {
        long previous = message.previousIndex().position();
        if (previous <= facts.log.baseIndex() || previous == partedBefore) {
            partAt(previous, facts.log.baseIndex(), message);
        } else {
            partedBefore = previous;
            reject(message);
        }
    }

    /**
     * What is committed here from somewhere after {@code surelySame} up to {@code differs} on was committed by a leader
     * that was alone with it (ASYNC), and the log went on without. Promise, vote and log stay as they are until a
     * snapshot takes their place: whatever was acknowledged from here is kept.
     */
    private void partAt(long differs, long surelySame, AppendEntries message) {
        parted = differs;
        facts.setAside(surelySame);
        facts.out.parted();
        refuseAllButASnapshot(message);
    }

    private void refuseAllButASnapshot(AppendEntries message) {
        NodeId to = leader;
        if (to != null) {
            AppendAnswer answer = AppendAnswer.parted(
                    facts.partition, facts.promised, confirms, facts.storage, message.previousIndex());
            send(to, answer, true);
        }
    }

    /** Only a snapshot helps: this leader's log lacks what is committed here. */
    boolean isParted() {
        return parted > 0;
    }

    boolean wantsSnapshot(Term offeredBy, long index, long termOfIndex) {
        if (isParted()) {
            // not one that lacks what both logs may have in common: that may count as acknowledged from here
            return offeredBy.equals(facts.promised) && index >= parted - 1;
        }
        boolean newer = index > facts.commit && facts.log.termAt(index) != termOfIndex;
        return !offeredBy.isBefore(facts.promised) && (newer || keepsLog(index, termOfIndex));
    }

    /** What a leader's H2 shows is committed, and an equal entry at its end means equal logs up to there. */
    boolean keepsLog(long index, long termOfIndex) {
        return facts.stuck && !isParted() && index >= facts.applied && facts.log.termAt(index) == termOfIndex;
    }

    /** Of one term there is one log: one that ends with it lacks nothing of what ended with it earlier. */
    void beforeSnapshot(long index, long termOfIndex) {
        boolean itsBeginning = facts.log.lastIndex() <= index && facts.log.lastTerm() == termOfIndex;
        if (!itsBeginning && !isParted() && !keepsLog(index, termOfIndex)) { // a parted one did it already
            facts.setAside(matched);
        }
    }

    /** This term's leader is known to have everything up to here; 0 as long as nothing was compared. */
    long surelyInLeadersLog() {
        return isParted() ? 0 : matched;
    }

    /** The entries from the first one on that the log does not hold: it ends before it, or has another one there. */
    private List<LogEntry> missingOf(List<LogEntry> entries) {
        LogShape log = facts.log;
        for (int i = 0; i < entries.size(); i++) {
            LogEntry entry = entries.get(i);
            if (log.termAt(entry.index().position()) != entry.term().number()) {
                return i == 0 ? entries : entries.subList(i, entries.size());
            }
        }
        return List.of();
    }

    private void reject(AppendEntries message) {
        LogShape log = facts.log;
        long hint = log.lastAtOrBefore(
                message.previousIndex().position(), message.previousTerm().number());
        NodeId to = leader;
        if (to != null) {
            AppendAnswer answer = new AppendAnswer(
                    facts.partition,
                    facts.promised,
                    confirms,
                    facts.storage,
                    false,
                    message.previousIndex(),
                    new LogIndex(hint),
                    new Term(Math.max(0, log.termAt(hint))));
            send(to, answer, true);
        }
    }

    void onDurable() {
        advanceCommit();
        if (link != null) {
            tellUpstream(false);
        } else if (Math.min(matched, facts.durable) > acknowledged) {
            acknowledge(false);
        }
    }

    void onSnapshotInstalled(long index) {
        parted = 0;
        matched = Math.max(matched, index);
        acknowledge(false);
    }

    private void acknowledge(boolean withTheNextSync) {
        NodeId to = leader;
        if (to == null) {
            return;
        }
        acknowledged = Math.min(matched, facts.durable);
        AppendAnswer answer = AppendAnswer.accepted(
                facts.partition, facts.promised, confirms, facts.storage, new LogIndex(acknowledged));
        send(to, answer, withTheNextSync);
    }

    private void advanceCommit() {
        facts.commitTo(Math.min(leaderCommit, Math.min(matched, facts.durable)));
    }
}
