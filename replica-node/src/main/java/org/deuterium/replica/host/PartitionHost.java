package org.deuterium.replica.host;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replication.Effects;
import org.deuterium.replication.Effects.Send;
import org.deuterium.replication.Effects.SendFromLog;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.RoleChange;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All of one replica: its core, its part of the log, its H2 and its applier. Performs what the core decides. Belongs to
 * the node loop, but for the methods that say otherwise.
 */
public final class PartitionHost {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionHost.class);
    private final PartitionId partition;
    private final StorageId storageId;
    private final HostServices services;
    private final NodeLoop loop;
    private final PartitionReplica core;
    private final ShownPosition shown;
    private final CutHolds cuts;
    private final PartitionCuts moments;
    private final ApplierFeed feed;
    private final StuckDatabase stuck = new StuckDatabase();
    private final DiscardedTail tail;
    private final LeaderDuties duties;
    private final OwnEntries own;
    private final PromiseAnswers promises = new PromiseAnswers();
    private long lastAppended;
    private boolean toldOfAppends;
    private boolean closed;
    private @Nullable ReplicaGroup groupWhileDeaf;

    /** What puts a snapshot in place; null if none is being put there. */
    private @Nullable Runnable install;

    private final LeaderStanding standing = new LeaderStanding();
    private final LeaseWaiters leaseWaiters;
    private final GroupRequests requests;

    PartitionHost(
            HostServices services,
            StorageId storageId,
            PartitionReplica core,
            H2Storage storage,
            DutiesFactory dutiesFactory) {
        this.partition = core.partition();
        this.storageId = storageId;
        this.services = services;
        this.loop = services.loop();
        this.own = new OwnEntries(services.background(), services.loop().groupCommit());
        this.leaseWaiters = new LeaseWaiters(standing, services.background());
        this.core = core;
        this.requests = new GroupRequests(this, core, services, standing);
        this.tail = new DiscardedTail(services, partition);
        this.shown = new ShownPosition(core.appliedIndex(), core.lastTimestamp());
        this.duties = dutiesFactory.create(this);
        this.cuts = new CutHolds(partition, services.background(), System::currentTimeMillis);
        this.feed = new ApplierFeed(this, services, core, own, shown, cuts, duties, storage);
        this.moments = new PartitionCuts(this, loop, standing, cuts, own, feed);
    }

    /** Any thread. */
    public PartitionId partition() {
        return partition;
    }

    StorageId storageId() {
        return storageId;
    }

    PartitionReplica core() {
        return core;
    }

    /** What is about to be discarded of the log. */
    DiscardedTail tail() {
        return tail;
    }

    /** A snapshot is being put in place, or the end of the log is being set aside: the core must hear nothing, nor its log be cut. */
    boolean isDeaf() {
        return install != null || tail.isUnderWay();
    }

    LeaderDuties duties() {
        return duties;
    }

    /** Any thread: the database; another one after a snapshot was installed, which happens only to followers. */
    public H2Storage storage() {
        return feed.applier().storage();
    }

    /** Any thread: where in the log the database stands. */
    public ShownPosition shown() {
        return shown;
    }

    /** Any thread: the term this replica leads and serves clients in, or null. */
    public @Nullable Term servingTerm() {
        return standing.serving();
    }

    /** Any thread: what entries of the log are to be. */
    public LogKind logKind() {
        return services.board().logKind(partition);
    }

    /** Any thread: true if what was read here in this term, up to now, is linearizable. */
    public boolean holdsLease(Term term) {
        return standing.holdsLease(term, loop.nowMillis());
    }

    /** Any thread: up to where a linearizable read must show the log here, at the tail of a chain; null without a lease. */
    public @Nullable LogIndex strongReadsShow() {
        return standing.strongReadsShow(loop::nowMillis);
    }

    /** Any thread: tells on a thread that may block whether the lease is there, at the latest after a lease's length. */
    public void awaitLease(Term term, Consumer<Boolean> answer) {
        loop.submit(now ->
                leaseWaiters.add(term, now + services.settings().replica().leaseMillis(), answer));
    }

    /** Any thread: asks for an entry in the log. */
    public void propose(PendingEntry entry) {
        loop.submit(now -> {
            if (own.add(entry)) {
                loop.proposalsOf(this);
            }
        });
    }

    /** Any thread: moments at which the database is to show exactly what is committed. */
    public PartitionCuts cuts() {
        return moments;
    }

    /** Any thread: what a leader is asked for that changes its group. */
    public GroupRequests requests() {
        return requests;
    }

    /** Any thread: the host is to stop this replica and rebuild it from a peer. */
    public void storageFailed(Throwable cause) {
        loop.submit(now -> services.replicaFailed(this, cause));
    }

    void proposeAll(long nowMillis) {
        perform(own.proposeAll(core, closed, nowMillis, System.currentTimeMillis()));
    }

    void onMessage(NodeId from, ReplicationMessage message, long nowMillis) {
        if (!closed && !isDeaf()) {
            perform(core.onMessage(from, message, nowMillis));
        }
    }

    /** The answer comes when the promise is durable; none comes while a snapshot is being put in place. */
    void onPromiseRequest(NodeId controller, PromiseRequest request, Consumer<Promise> answer, long nowMillis) {
        if (closed || isDeaf()) {
            return;
        }
        promises.await(controller, answer);
        perform(core.onMessage(controller, request, nowMillis));
    }

    void onGroup(ReplicaGroup group, long nowMillis) {
        if (isDeaf()) {
            groupWhileDeaf = group;
        } else if (!closed) {
            perform(core.onConfig(group, nowMillis));
        }
    }

    void onTick(long nowMillis) {
        if (!closed && !isDeaf()) {
            perform(core.onTick(nowMillis));
            leaseWaiters.look(nowMillis);
            requests.onTick(nowMillis);
            askForDatabase(nowMillis);
        }
        moments.onTick(nowMillis);
    }

    /** What was appended up to now is durable. */
    void durable() {
        toldOfAppends = false;
        if (!closed && !tail.isUnderWay()) {
            perform(core.onDurable(new LogIndex(lastAppended), loop.nowMillis()));
        }
    }

    void replaceReplica(NodeId lost, NodeId fresh) {
        if (!closed && !isDeaf()) {
            core.replaceReplica(lost, fresh);
        }
    }

    void onSnapshotSent(NodeId to, long nowMillis) {
        if (!closed) {
            perform(core.onSnapshotSent(to, nowMillis));
        }
    }

    /** A closed replica has no log to write to, and nothing to say. */
    void perform(Effects effects) {
        if (closed) {
            return;
        }
        standing.lease(core.leaseUntilMillis());
        standing.tail(core.durableIndex(), stuck.isStuck() ? 0 : core.tailLeaseUntilMillis());
        if (shown.isHidden() && !stuck.isStuck() && core.leaderHasAllThatIsShown()) {
            shown.hide(false);
        }
        if (effects == Effects.NONE) {
            return;
        }
        @Nullable Term term = effects.persistTerm();
        if (term != null) {
            services.log().promise(partition, term);
        }
        @Nullable RoleChange role = effects.roleChange();
        if (role != null) {
            changeRole(role);
        }
        if (effects.parted()) {
            shown.hide(true);
            services.replicaParted(this);
        }
        @Nullable LogIndex aside = effects.setAside();
        if (aside == null) {
            performRest(effects);
        } else {
            tail.setAside(core.term(), aside, () -> wasSetAside(effects));
        }
    }

    private void wasSetAside(Effects effects) {
        if (!closed) {
            performRest(effects);
            tellOfAppends(); // the core heard nothing of them meanwhile
            takeWaitingGroup(loop.nowMillis());
        }
    }

    /** What comes when the entries to be discarded are kept. */
    private void performRest(Effects effects) {
        @Nullable LogIndex discard = effects.discardAfter();
        if (discard != null) {
            services.log().discardAfter(partition, discard);
        }
        append(effects.append());
        List<Send> now = effects.sendNow();
        for (int i = 0; i < now.size(); i++) {
            loop.peers().send(now.get(i).to(), now.get(i).message());
        }
        loop.sendAfterDurable(promises.takeOut(effects.sendAfterDurable(), loop));
        @Nullable LogIndex commitTo = effects.commitTo();
        if (commitTo != null) {
            feed.committed(commitTo);
        }
        @Nullable ReplicaGroup change = effects.configChange();
        if (change != null) {
            services.board().compareAndSet(change);
        }
        for (NodeId follower : effects.snapshotTo()) {
            services.sendSnapshot(this, follower);
        }
        for (SendFromLog send : effects.sendFromLog()) {
            sendFromLog(send);
        }
    }

    private void append(List<LogEntry> entries) {
        if (entries.isEmpty()) {
            return;
        }
        for (int i = 0; i < entries.size(); i++) {
            services.log().append(partition, entries.get(i));
        }
        lastAppended = entries.get(entries.size() - 1).index().position();
        tellOfAppends();
    }

    private void tellOfAppends() {
        if (!toldOfAppends) {
            toldOfAppends = true;
            loop.appendedTo(this);
        }
    }

    private void sendFromLog(SendFromLog send) {
        CatchUpMessage read =
                CatchUpMessage.read(services.readLog(this, send.from(), send.maxBytes()), partition, send);
        AppendEntries message = read.message();
        if (message != null) {
            loop.peers().send(send.to(), message);
        }
        perform(core.onSentFromLog(send.to(), read.last(), read.bytes(), loop.nowMillis()));
    }

    private void changeRole(RoleChange role) {
        LOG.info("{} {}: {}", services.node(), partition, role);
        standing.leads(role.leading() ? role.term() : null);
        moments.cancel();
        @Nullable LogIndex lost = role.lost();
        if (lost != null) {
            own.abandonAfter(lost);
        }
        feed.roleChanged(lost);
    }

    /** Any thread: the applier stands still, or goes on. */
    void holdApplier(boolean on) {
        feed.applier().hold(on);
    }

    /** Applier. */
    void serve(Term term) {
        storage().forgetGrantedSequences();
        duties.beforeServing(term); // if the lead is lost meanwhile, stepDown follows
        if (standing.serves(term)) {
            LOG.info("{} {}: serves in {}", services.node(), partition, term);
            duties.serve(term);
        }
    }

    /**
     * Does nothing more; whoever waits is told. The storage stays open.
     *
     * @return done when the applier does nothing more either
     */
    CompletableFuture<Void> close() {
        closed = true;
        standing.leads(null);
        standing.tail(LogIndex.NONE, 0);
        leaseWaiters.look(loop.nowMillis());
        moments.cancel();
        CompletableFuture<Void> still = feed.stop();
        own.close();
        requests.abandon();
        return still;
    }

    boolean isClosed() {
        return closed;
    }

    boolean isInstalling() {
        return install != null;
    }

    /** Done when nobody uses the database of a stuck replica any more; its core goes on hearing meanwhile, which may take long. */
    CompletableFuture<Void> databaseReleased() {
        return feed.released();
    }

    /**
     * From now on, until it is {@link #installed} or fails, the core hears nothing; {@code action} runs when the applier is
     * still, and what is lost of the log was set aside: a crash in between must not find another database without that. A
     * stuck replica's database was {@link #databaseReleased released} before.
     */
    void install(SnapshotOffer offer, Runnable action) {
        install = action;
        tail.setAside(core.term(), core.tailBeforeSnapshot(offer.index(), offer.termOfIndex()), () -> {
            if (install == action && !closed) {
                feed.whenStill(action);
            } else {
                takeWaitingGroup(loop.nowMillis()); // the database failed meanwhile
            }
        });
    }

    /** Applier, or background if it stands still: the database was replaced by one that shows no entry with a timestamp after {@code latest}. */
    void replaceStorage(H2Storage storage, Timestamp latest) {
        feed.replaceStorage(storage, latest);
    }

    private void takeWaitingGroup(long nowMillis) {
        ReplicaGroup group = groupWhileDeaf;
        groupWhileDeaf = null;
        if (group != null) {
            onGroup(group, nowMillis);
        }
    }

    /** H2 failed, or another database could not be put in its place: log and vote are kept, and the core hears again. */
    void applierFailed(Throwable cause, long nowMillis) {
        if (closed) {
            return;
        }
        install = null;
        if (stuck.isStuck()) {
            stuck.failedAgain(FailedEntry.reason(cause), nowMillis);
            LOG.error("{} {}: {}", services.node(), partition, stuckWords(), cause);
        } else {
            databaseFailed(cause, nowMillis);
        }
        takeWaitingGroup(nowMillis);
    }

    /** Its database cannot be trusted, or did not take an entry: it stands still with a good log until it gets another. */
    void databaseFailed(Throwable cause, long nowMillis) {
        if (stuck.isStuck()) {
            return;
        }
        H2Storage storage = storage();
        LogIndex shows = storage.appliedIndex();
        LogIndex tried = feed.applier().lastTried();
        String reason = tried.isAfter(shows)
                ? FailedEntry.words(services.log(), partition, shows, tried, cause)
                : FailedEntry.reason(cause);
        stuck.failed(reason, shows, tried, nowMillis);
        LOG.error("{} {}: {}. Its log is kept and goes on", services.node(), partition, stuckWords(), cause);
        standing.leads(null);
        shown.hide(true);
        moments.cancel();
        feed.release();
        own.close();
        perform(moments.lastWord(nowMillis));
        perform(core.onDatabaseFailed(nowMillis));
    }

    /** Why the database stands still, for people; null if it does not. */
    @Nullable
    String stuckWords() {
        return stuck.words(core.isLeader(), loop.nowMillis());
    }

    /** True if the database is well and lacks nothing of what is known to be committed. */
    boolean showsAllCommitted() {
        return !isDeaf() && !stuck.isStuck() && !core.commitIndex().isAfter(core.appliedIndex());
    }

    private void askForDatabase(long nowMillis) {
        NodeId leader = core.leader();
        if (leader != null && !core.isLeader() && stuck.asksNow(nowMillis)) {
            loop.peers().send(leader, SnapshotRequest.wanted(partition, stuck.mustShow()));
        }
    }

    /** True if a snapshot would do this replica good. */
    boolean wantsSnapshot(SnapshotOffer offer) {
        return !closed
                && !isDeaf()
                && core.wantsSnapshot(offer.term(), offer.index(), offer.termOfIndex())
                && !(core.keepsLog(offer.index(), offer.termOfIndex())
                        && stuck.mustShow().isAfter(offer.index()));
    }

    /** The snapshot is in place, and so is a log that begins after it; or the log of a stuck replica, which is kept. */
    void installed(LogIndex index, Term termOfIndex, Timestamp lastTimestamp, long nowMillis) {
        if (closed) {
            install = null; // the replica was removed meanwhile; its directory goes with it
            return;
        }
        boolean keepsLog = core.keepsLog(index, termOfIndex);
        if (keepsLog) {
            services.log().checkpoint(partition, index, termOfIndex);
        } else {
            services.log().snapshotInstalled(partition, index, termOfIndex, lastTimestamp);
            lastAppended = index.position();
        }
        services.log().sync();
        if (keepsLog) {
            perform(core.onDurable(new LogIndex(lastAppended), nowMillis));
        }
        feed.restartAt(index, keepsLog);
        install = null;
        stuck.recovered(nowMillis);
        perform(core.onSnapshotInstalled(index, termOfIndex, lastTimestamp));
        feed.feed();
        takeWaitingGroup(nowMillis);
    }
}
