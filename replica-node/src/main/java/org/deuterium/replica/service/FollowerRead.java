package org.deuterium.replica.service;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deuterium.replica.host.CutListener;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.storage.Branch;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.StatementResult;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One read at a replica that is good enough for it, from its first look at H2 to its answer. At a cut it waits in between,
 * without a thread: later entries are held back, the leader is asked to close the moment, and the applier calls when H2
 * shows exactly what was committed up to there.
 */
final class FollowerRead {

    private static final Logger LOG = LoggerFactory.getLogger(FollowerRead.class);

    private final PartitionHost host;
    private final LeaderPositionSource leader;
    private final Executor threads;
    private final Map<TransactionId, Branch> running;
    private final H2Storage storage;
    private final ExecuteInBranch request;
    private final Consumer<Message> answer;
    private final Branch branch;

    /** Where the cut stands in the log; null if the read is at none, or it is not open yet. */
    private @Nullable PositionedAnswer cut;

    /**
     * @param threads those on which it goes on after a cut
     * @param running where a read that others may stop is found meanwhile
     */
    FollowerRead(
            PartitionHost host,
            LeaderPositionSource leader,
            Executor threads,
            Map<TransactionId, Branch> running,
            H2Storage storage,
            ExecuteInBranch request,
            Consumer<Message> answer) {
        this.host = host;
        this.leader = leader;
        this.threads = threads;
        this.running = running;
        this.storage = storage;
        this.request = request;
        this.answer = answer;
        this.branch = storage.openBranch(request.transaction(), request.session());
    }

    void run() {
        if (isStoppable()) {
            running.put(request.transaction(), branch);
        }
        attempt(() -> branch.isPlainRead(request.sql()) ? branch.execute(request, 0) : null);
    }

    private boolean isStoppable() {
        return !request.brief() || request.bound().isAtCut();
    }

    private void attempt(Supplier<@Nullable StatementResult> work) {
        StatementResult result;
        try {
            result = work.get();
        } catch (RuntimeException e) {
            LOG.error("{}: {} failed at a follower", host.partition(), request.sql(), e);
            finish(Failure.of(ErrorCode.INTERNAL_ERROR, "The statement failed at a follower: " + e));
            return;
        }
        if (result == null) {
            finish(notHere());
            return;
        }
        switch (result.kind()) {
            case ANSWERED -> finish(result.answer());
            case AWAITS_CUT -> awaitCut();
            case LOCKED, NEEDS_SEQUENCE_BLOCK, GATE_CLOSED -> finish(notHere());
        }
    }

    /** Whether the leader answers does not matter where a later entry comes. */
    private void awaitCut() {
        Timestamp at = request.bound().cut();
        host.cuts().atFollower(at, request.bound().waitMillis(), new AtCut());
        leader.ask(new AskPosition(host.partition(), at), reply -> {
            if (reply instanceof PositionedAnswer closed && closed.answer() instanceof Done) {
                host.cuts().closed(at, closed.index());
            }
        });
    }

    private final class AtCut implements CutListener {

        @Override
        public void opened() {
            Runnable next = () -> attempt(() -> branch.resume(0));
            try {
                cut = host.shown().positioned(new Done());
                if (host.shown().isHidden()) {
                    next = () -> finish(behind(host, request.bound()));
                } else if (request.bound().least().isAfter(host.shown().leastIndex())) {
                    next = () -> finish(tooEarly());
                } else {
                    branch.startAtCut();
                }
            } catch (RuntimeException e) {
                next = () -> attempt(() -> {
                    throw e;
                });
            }
            try {
                threads.execute(next);
            } catch (RejectedExecutionException e) {
                finish(notHere()); // the node is being stopped
            }
        }

        @Override
        public void missed(Message why) {
            finish(why);
        }
    }

    private void finish(Message reply) {
        if (isStoppable()) {
            running.remove(request.transaction(), branch); // before another transaction can have its session
        }
        try {
            branch.rollback();
        } catch (RuntimeException e) {
            LOG.warn("read {} could not be ended in H2", branch.transaction(), e); // its database was closed
        }
        answer.accept(settled(reply));
    }

    private Message settled(Message reply) {
        if (reply instanceof PositionedAnswer) {
            return reply; // a cut that was missed
        }
        if (request.schemaVersion() != storage.schemaVersion()) {
            return staleSchema(request, storage);
        }
        if (reply instanceof Failure) {
            return storage.isClosed() ? behind(host, request.bound()) : reply; // a snapshot takes its place
        }
        PositionedAnswer place = cut;
        if (!request.bound().positionWanted()) {
            return reply;
        }
        return place == null
                ? host.shown().positioned(reply)
                : new PositionedAnswer(place.index(), place.timestamp(), reply);
    }

    private Message tooEarly() {
        return new PositionedAnswer(
                LogIndex.NONE,
                host.shown().mostTimestamp(),
                Failure.of(
                        ErrorCode.CUT_MISSED,
                        "The moment asked for of partition " + host.partition()
                                + " is before an entry that the session must see"));
    }

    private Failure notHere() {
        return Failure.of(
                ErrorCode.NOT_LEADER,
                "The statement may do more than read, or meets a lock, so only the leader of " + host.partition()
                        + " runs it");
    }

    static Failure behind(PartitionHost host, ReadBound bound) {
        return Failure.of(
                ErrorCode.REPLICA_BEHIND,
                "The replica of " + host.partition() + " here shows "
                        + host.shown().leastIndex()
                        + " and did not come far enough in " + bound.waitMillis()
                        + " ms for what the session asks (" + bound + "); its leader can answer");
    }

    static Failure staleSchema(ExecuteInBranch request, H2Storage storage) {
        return Failure.of(
                ErrorCode.STALE_SCHEMA,
                "The statement was planned for schema version " + request.schemaVersion() + ", but the replica of "
                        + request.partition() + " is at " + storage.schemaVersion());
    }
}
