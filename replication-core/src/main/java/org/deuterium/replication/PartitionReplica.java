package org.deuterium.replication;

import java.util.List;
import java.util.function.Consumer;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.ChainRoute;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.deuterium.wire.replication.TailLease;
import org.jspecify.annotations.Nullable;

/**
 * One replica of one partition: it is told what happened and answers with what is to be done. It has no clock, thread,
 * file, socket or randomness; one thread calls it, and performs each {@link Effects} before the next call.
 *
 * <p>{@code nowMillis} is the host's monotonic clock, greater than any duration at its start: it drives heartbeats, leases and
 * lag. {@code wallMillis} is the machine's clock, since 1970, which may step: it gives the timestamps of entries.
 *
 * <p>The driving loop:
 *
 * <pre>{@code
 * drain queued events -> effects of each core, performed in the order of their fields, sendAfterDurable kept back
 * if anything was written: one fsync for all cores
 * send what was kept back
 * for each core that was given entries: perform(core.onDurable(its last appended index))
 * every 10 to 50 ms: perform(core.onTick(now)) for each core
 * }</pre>
 *
 * <p>Transitions (each to a later term persists it before anything is answered):
 *
 * <table>
 * <caption>what makes a replica change its role</caption>
 * <tr><td>any role</td><td>a message, answer, promise request or group of a later term</td><td>follower of it</td></tr>
 * <tr><td>follower</td><td>a group of the promised term that names it as leader, its directory counts, and the term
 * was promised since it started</td><td>leader</td></tr>
 * <tr><td>follower</td><td>the same, but one of the conditions fails</td><td>follower; wishes itself out of the group,
 * which asks for an election</td></tr>
 * <tr><td>leader</td><td>a group of its term that names nobody</td><td>follower</td></tr>
 * </table>
 */
public final class PartitionReplica {

    private final ReplicaFacts facts;

    /** A term promised before this process started may have been led by it: it is never led again. */
    private final Term promisedBeforeStart;

    private @Nullable LeaderRole leading;
    private FollowerRole following;
    private @Nullable ReplicaGroup group;
    private final Resignation resignation;
    private final VoterPromises promises;

    /** @param nowMillis the time at which the process took up this replica */
    public PartitionReplica(ReplicaState state, ReplicaSettings settings, long nowMillis) {
        this.facts = new ReplicaFacts(state, settings, nowMillis);
        this.promisedBeforeStart = facts.promised;
        this.promises = new VoterPromises(facts);
        this.resignation = new Resignation(facts);
        this.following = new FollowerRole(facts, null);
    }

    /** A message of another replica, or a controller's {@code PromiseRequest}; the answer to it goes to {@code from}. */
    public Effects onMessage(NodeId from, ReplicationMessage message, long nowMillis) {
        switch (message.kind()) {
            case PROMISE_REQUEST -> onPromiseRequest(from, (PromiseRequest) message, nowMillis);
            case APPEND_ENTRIES -> onAppendEntries(from, (AppendEntries) message, nowMillis);
            case APPEND_ANSWER -> onAppendAnswer(from, (AppendAnswer) message, nowMillis);
            case TAIL_LEASE -> onTailLease(from, (TailLease) message, nowMillis);
            case PROMISE ->
                throw new IllegalArgumentException("a Promise of " + from + " for " + facts.partition
                        + ": promises are counted by the controller");
        }
        return facts.out.take();
    }

    /** Follows nobody older from now on; but says so only when no lease can rest on this voter any more. */
    private void onPromiseRequest(NodeId from, PromiseRequest request, long nowMillis) {
        if (facts.promised.isBefore(request.term())) {
            adopt(request.term(), null);
        }
        promises.asked(from, request, nowMillis);
    }

    private void onAppendEntries(NodeId from, AppendEntries message, long nowMillis) {
        if (message.term().isBefore(facts.promised)) {
            LogIndex asked = message.previousIndex();
            facts.out.sendAfterDurable(
                    from, AppendAnswer.ofLaterTerm(facts.partition, facts.promised, facts.storage, asked));
            return;
        }
        ChainRoute route = message.route();
        NodeId sender = route == null ? from : route.leader();
        if (facts.promised.isBefore(message.term())) {
            adopt(message.term(), sender);
        }
        if (leading != null) {
            throw new IllegalStateException(facts.partition + ": " + from + " sends entries as the leader of "
                    + message.term() + ", which " + facts.node + " leads; a term has one leader");
        }
        if (!sender.equals(following.leader())) {
            follow(sender);
        }
        facts.heardLeader = sender;
        facts.heardTerm = message.term().number();
        following.onAppend(from, message, nowMillis);
    }

    /** One of another term says nothing about this one. */
    private void onTailLease(NodeId from, TailLease lease, long nowMillis) {
        if (!lease.term().equals(facts.promised)) {
            return;
        }
        if (leading != null && !lease.granted()) {
            leading.onTailAsks(from, lease, nowMillis);
        } else if (leading == null && lease.granted()) {
            following.tail().onGranted(lease);
        }
    }

    private void onAppendAnswer(NodeId from, AppendAnswer answer, long nowMillis) {
        if (facts.promised.isBefore(answer.term())) {
            adopt(answer.term(), null);
        } else if (leading != null && answer.term().equals(facts.promised)) {
            leading.onAnswer(from, answer, nowMillis);
        } else if (leading == null && answer.term().equals(facts.promised)) {
            following.onAnswerOfNext(from, answer);
        }
    }

    /** Promises a later term; whatever this replica was, it is a follower now. */
    private void adopt(Term later, @Nullable NodeId leader) {
        facts.promised = later;
        facts.out.persistTerm(later);
        resignation.settled();
        become(leader);
    }

    private void become(@Nullable NodeId leader) {
        LogIndex lost = leading == null ? null : new LogIndex(facts.commit);
        leading = null;
        following = new FollowerRole(facts, leader);
        facts.out.roleChange(new RoleChange(facts.promised, leader, false, LogIndex.NONE, lost));
    }

    private void follow(@Nullable NodeId leader) {
        following.follow(leader);
        facts.out.roleChange(new RoleChange(facts.promised, leader, false, LogIndex.NONE, null));
    }

    public Effects onTick(long nowMillis) {
        if (leading != null) {
            leading.onTick(nowMillis);
            if (!leading.isHandingOver() && leading.wantsOut(nowMillis)) {
                resignation.ofWhoLeadsOn(leading.group().withLeader(null), nowMillis);
            }
        } else {
            resignation.onTick(nowMillis);
            following.tail().onTick(group, following.leader(), nowMillis);
        }
        promises.onTick(nowMillis);
        return facts.out.take();
    }

    /** Appends the proposals in their order, {@code Effects.append} has one entry for each; or refuses all of them. */
    public Effects onProposals(List<Proposal> proposals, long nowMillis, long wallMillis) {
        if (leading == null) {
            facts.out.refuse(proposals, Effects.Refusal.NOT_LEADING);
        } else if (leading.isHandingOver() || facts.stuck) {
            facts.out.refuse(proposals, Effects.Refusal.HANDING_OVER);
        } else if (!leading.mayWrite()) {
            facts.out.refuse(proposals, Effects.Refusal.TOO_FEW_IN_SYNC);
        } else if (!proposals.isEmpty()) {
            leading.append(proposals, nowMillis, wallMillis);
        }
        return facts.out.take();
    }

    /**
     * Why the ack rule cannot become this one here and now, with the cure; null if {@link #changeAckRule} may be called.
     */
    public @Nullable String refusalOf(AckRule rule) {
        return leading == null || group == null
                ? WishRefusals.notTheLeader(facts)
                : rule.misfit(group.replicas().size());
    }

    /**
     * Wishes another ack rule. {@link #standingOf} tells when it is in force; until then the wish stays, as long as this
     * replica leads. A later wish replaces one that was not fulfilled yet, also while that one is on its way to the board.
     *
     * @throws IllegalStateException if {@link #refusalOf} says why not
     */
    public Effects changeAckRule(AckRule rule, long nowMillis) {
        String refusal = refusalOf(rule);
        if (leading == null || refusal != null) {
            throw new IllegalStateException(refusal);
        }
        leading.wishRule(rule, nowMillis);
        return facts.out.take();
    }

    /** Why the lead cannot be handed to this node, with the cure; null if {@link #transferLeader} may be called. */
    public @Nullable String refusalOfTransfer(NodeId target) {
        return leading == null || group == null
                ? WishRefusals.notTheLeader(facts)
                : WishRefusals.ofTransfer(facts, group, target, leading);
    }

    /**
     * Hands the lead over: from now on proposals are refused (HANDING_OVER); once the target has everything and all of it
     * is committed, the lease is given up and the group written without a leader, the target being its successor. The host
     * serves nobody from this call on. A group of a later term tells who was elected.
     *
     * @throws IllegalStateException if {@link #refusalOfTransfer} says why not
     */
    public Effects transferLeader(NodeId target, long nowMillis) {
        String refusal = refusalOfTransfer(target);
        if (leading == null || refusal != null) {
            throw new IllegalStateException(refusal);
        }
        leading.handOverTo(target, nowMillis);
        return facts.out.take();
    }

    /** Gives a transfer up, and goes on serving; false if it is too late, so that somebody will be elected. */
    public boolean keepLead() {
        return leading != null && !facts.stuck && leading.keepLead();
    }

    /**
     * The controller finds a node lost for good: its replica is to be the other node's. One that does not lead ignores
     * it, as it does when the lost node keeps up again. The new replica has no vote before it has caught up.
     */
    public void replaceReplica(NodeId lost, NodeId fresh) {
        if (leading != null) {
            leading.wishReplacement(lost, fresh);
        }
    }

    /** How far a wished ack rule has come; of a replica that does not lead nobody's wishes count. */
    public RuleStanding standingOf(AckRule rule) {
        return leading == null ? RuleStanding.GIVEN_UP : leading.standingOf(rule);
    }

    /** One wish for this ack rule is given up; {@code performs} takes what is to be done then. */
    public WishWithdrawn withdrawAckRule(AckRule rule, Consumer<Effects> performs, long nowMillis) {
        WishWithdrawn withdrawn = leading == null ? WishWithdrawn.SURELY : leading.withdrawRule(rule, nowMillis);
        performs.accept(facts.out.take());
        return withdrawn;
    }

    /**
     * Everything that was written up to {@code index} is fsynced. The index is that of the last entry given to the host
     * before the fsync began; an entry that a later discard took away does no harm.
     */
    public Effects onDurable(LogIndex index, long nowMillis) {
        facts.durable = Math.max(facts.durable, Math.min(index.position(), facts.log.lastIndex()));
        if (leading != null) {
            leading.onDurable(nowMillis);
        } else {
            following.onDurable();
        }
        return facts.out.take();
    }

    /** H2 shows everything up to {@code index}. */
    public void onApplied(LogIndex index) {
        if (index.position() > facts.commit) {
            throw new IllegalStateException(facts.partition + " on " + facts.node + ": H2 shows " + index
                    + " before it is committed (i" + facts.commit + ")");
        }
        facts.applied = Math.max(facts.applied, index.position());
    }

    /** The partition's state was read from the coordinator, whyever; one that is not later than what is known is ignored. */
    public Effects onConfig(ReplicaGroup later, long nowMillis) {
        if (group != null && later.version() <= group.version()) {
            return Effects.NONE;
        }
        group = later;
        facts.asyncThrough = later.asyncThrough().number();
        boolean promisedBefore = !facts.promised.isBefore(later.term());
        if (!promisedBefore) {
            adopt(later.term(), facts.node.equals(later.leader()) ? null : later.leader());
        }
        if (facts.promised.equals(later.term())) {
            onGroupOfPromisedTerm(later, promisedBefore, nowMillis);
        }
        return facts.out.take();
    }

    private void onGroupOfPromisedTerm(ReplicaGroup later, boolean promisedBefore, long nowMillis) {
        resignation.settled();
        boolean counts = later.counts(facts.node, facts.storage);
        if (!facts.node.equals(later.leader())) {
            if (leading != null) {
                become(later.leader());
            } else if (later.leader() != null && !later.leader().equals(following.leader())) {
                follow(later.leader());
            }
        } else if (leading != null && counts) {
            leading.onGroup(later, nowMillis);
        } else if (leading == null && counts && promisedBefore && promisedBeforeStart.isBefore(later.term())) {
            leading = new LeaderRole(facts, later, nowMillis);
        } else {
            if (leading != null) {
                become(null);
            }
            resignation.wish(later.withLeader(null), nowMillis);
        }
    }

    /**
     * A {@link Effects.SendFromLog} was handed to the network.
     *
     * @param lastSent the index of the last entry sent; {@code from - 1} if nothing could be read
     */
    public Effects onSentFromLog(NodeId to, LogIndex lastSent, long bytes, long nowMillis) {
        if (leading != null) {
            leading.onSentFromLog(to, lastSent, bytes, nowMillis);
        }
        return facts.out.take();
    }

    /** Leader: the sending of a snapshot that was asked for has ended, well or badly. */
    public Effects onSnapshotSent(NodeId to, long nowMillis) {
        if (leading != null) {
            leading.onSnapshotSent(to, nowMillis);
        }
        return facts.out.take();
    }

    /**
     * H2 failed: this replica is stuck until a snapshot takes H2's place. It keeps promise, vote and log, and follows on; a
     * leader hands over to whoever has everything.
     */
    public Effects onDatabaseFailed(long nowMillis) {
        facts.stuck = true;
        if (leading != null) {
            leading.onTick(nowMillis);
        }
        return facts.out.take();
    }

    /**
     * True if a snapshot as of {@code index}, offered by the leader of {@code offeredBy}, would bring this one on, or back
     * to where the leader's log parts from what is committed here; or make good a stuck one.
     */
    public boolean wantsSnapshot(Term offeredBy, LogIndex index, Term termOfIndex) {
        return leading == null && following.wantsSnapshot(offeredBy, index.position(), termOfIndex.number());
    }

    /** False if the leader's log may lack what is committed here, which only ASYNC lets happen; true once they were compared. */
    public boolean leaderHasAllThatIsShown() {
        return leading != null || following.surelyInLeadersLog() >= facts.commit;
    }

    /** True if of a snapshot that is wanted only the database is needed: this replica is stuck, and its log is kept. */
    public boolean keepsLog(LogIndex index, Term termOfIndex) {
        return leading == null && following.keepsLog(index.position(), termOfIndex.number());
    }

    /** Follower: a {@link #wantsSnapshot wanted} snapshot is about to replace the log; what it may lack is set aside first. */
    public @Nullable LogIndex tailBeforeSnapshot(LogIndex index, Term termOfIndex) {
        following.beforeSnapshot(index.position(), termOfIndex.number());
        return facts.out.take().setAside();
    }

    /** The replica is no longer wanted here, its log goes: the entries after this index may be lost; null if none are. */
    public @Nullable LogIndex tailBeforeRemoval(Term asyncThrough) {
        facts.asyncThrough = asyncThrough.number();
        facts.setAside(leading != null ? 0 : following.surelyInLeadersLog());
        return facts.out.take().setAside();
    }

    /**
     * Follower: a snapshot was installed and is durable, together with an empty log that begins after {@code index},
     * the last one applied in it, or with the log as it was if {@link #keepsLog} says so. The host asks {@link
     * #wantsSnapshot} before it replaces anything, and gives this replica no other input until this one.
     */
    public Effects onSnapshotInstalled(LogIndex index, Term termOfIndex, Timestamp lastTimestamp) {
        if (keepsLog(index, termOfIndex)) {
            facts.databaseReplaced(index.position());
            return facts.out.take();
        }
        if (leading != null || (index.position() <= facts.commit && !following.isParted())) {
            throw new IllegalStateException(facts.partition + " on " + facts.node + ": a snapshot of " + index
                    + " was installed over what is committed up to i" + facts.commit);
        }
        facts.log.startAfter(index.position(), termOfIndex.number());
        facts.appended();
        facts.durable = index.position();
        facts.commit = index.position();
        facts.databaseReplaced(index.position());
        facts.tookTimestamp(lastTimestamp);
        following.onSnapshotInstalled(index.position());
        return facts.out.take();
    }

    /**
     * The host has cut the log: entries up to {@code index} can no longer be read. H2 has stored all of them, though the
     * report that it shows them may still be on its way here.
     */
    public void onLogCut(LogIndex index) {
        if (index.position() > facts.commit) {
            throw new IllegalStateException(facts.partition + " on " + facts.node + ": the log was cut through " + index
                    + " but is committed only up to i" + facts.commit);
        }
        facts.log.cutThrough(index.position());
    }

    /** As far as followers are concerned the log may be cut through this index. */
    public LogIndex mayCutThrough() {
        return leading == null ? mustKeepAfter() : new LogIndex(leading.neededAfter());
    }

    /** The log must not be cut further, however long it is: one that parted holds what may have to be set aside once more. */
    public LogIndex mustKeepAfter() {
        return new LogIndex(following.isParted() ? facts.log.baseIndex() : facts.commit);
    }

    public PartitionId partition() {
        return facts.partition;
    }

    /** The promised term: the one led or followed, or being elected. */
    public Term term() {
        return facts.promised;
    }

    /** Who leads the promised term; null if not known. */
    public @Nullable NodeId leader() {
        return leading != null ? facts.node : following.leader();
    }

    public boolean isLeader() {
        return leading != null;
    }

    /** True if this replica leads, is not handing over or stuck, and its H2 shows everything that was committed before its term. */
    public boolean isServing() {
        return leading != null && !facts.stuck && !leading.isHandingOver() && facts.applied >= leading.serveFrom();
    }

    /**
     * Until this moment (excluded) on this node's clock nobody else can have been elected. A read is linearizable if this
     * replica was serving before it, and still serves the same term before this moment after it. 0 if it does not lead.
     */
    public long leaseUntilMillis() {
        return leading == null ? 0 : leading.leaseUntilMillis();
    }

    /**
     * Until this moment (excluded) on this node's clock nothing is committed that this replica does not have fsynced: it is
     * the tail of a chain. A read is linearizable if it shows everything up to the {@link #durableIndex} of a moment before
     * this one, both asked for after the read began. 0 if it is not the tail, or leads.
     */
    public long tailLeaseUntilMillis() {
        return leading == null ? following.tail().leaseUntilMillis() : 0;
    }

    /** The state of the partition that was read last; null before the first time. */
    public @Nullable ReplicaGroup group() {
        return group;
    }

    public LogIndex lastIndex() {
        return new LogIndex(facts.log.lastIndex());
    }

    public Term lastTerm() {
        return new Term(facts.log.lastTerm());
    }

    public LogIndex durableIndex() {
        return new LogIndex(facts.durable);
    }

    public LogIndex commitIndex() {
        return new LogIndex(facts.commit);
    }

    public LogIndex appliedIndex() {
        return new LogIndex(facts.applied);
    }

    /** The greatest timestamp in the log, durable or not. */
    public Timestamp lastTimestamp() {
        return facts.lastTimestamp;
    }
}
