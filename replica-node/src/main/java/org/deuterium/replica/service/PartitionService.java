package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.deuterium.replica.host.DutiesFactory;
import org.deuterium.replica.host.LeaderDuties;
import org.deuterium.replica.host.MonotonicClock;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.storage.TableDigest;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.AskPosition;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.CloseBranchCursor;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.DescribeDigests;
import org.deuterium.wire.partition.DescribeTransactions;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.FenceSchemaChange;
import org.deuterium.wire.partition.FetchFromBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.GiveUpNode;
import org.deuterium.wire.partition.HoldMoment;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadUnderFence;
import org.deuterium.wire.partition.ReplicaDigests;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What routers ask of the replicas that live on this node: leaders, and followers for reads that allow it. A brief statement runs on the calling thread, everything else
 * on {@link ServiceThreads}; the answer to a write comes from the applier that committed it in H2.
 */
public final class PartitionService implements DutiesFactory, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionService.class);
    private static final int TICK_MILLIS = 25;
    private static final int DIGEST_ATTEMPTS = 20;

    private final LeaderCalls leaders;
    private final SchemaSource schemaSource;
    private final LeaderPositionSource leaderPosition;
    private final ServiceThreads threads;
    private final ScheduledExecutorService ticker;
    private final TransactionDesk transactions;
    private final DeadlockSearch deadlocks;
    private volatile Consumer<NodeId> nodeRemoval = node -> {};
    private volatile @Nullable PartitionLeadership[] leaderships = new PartitionLeadership[16];

    public PartitionService(
            NodeId node, LeaderCalls leaders, SchemaSource schemaSource, LeaderPositionSource leaderPosition) {
        String name = node.name();
        this.leaders = leaders;
        this.schemaSource = schemaSource;
        this.leaderPosition = leaderPosition;
        this.threads = new ServiceThreads(name);
        this.ticker =
                Executors.newSingleThreadScheduledExecutor(ServiceThreads.named("deuterium-service-ticker-" + name));
        this.transactions = new TransactionDesk(node, this::present);
        this.deadlocks = new DeadlockSearch(transactions);
        ticker.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The router is made after the replicas; until it is told, nothing is known of clients, nor of other nodes. */
    public void router(OwnRouter router) {
        transactions.router(router);
    }

    /** The controller of this process is made after the replicas; it is told which nodes are lost for good. */
    public void nodeRemoval(Consumer<NodeId> giveUp) {
        nodeRemoval = giveUp;
    }

    private List<PartitionLeadership> present() {
        List<PartitionLeadership> present = new ArrayList<>();
        for (PartitionLeadership leadership : leaderships) {
            if (leadership != null) {
                present.add(leadership);
            }
        }
        return present;
    }

    @Override
    public LeaderDuties create(PartitionHost host) {
        return new PartitionLeadership(host, leaders, schemaSource, leaderPosition, threads);
    }

    @Override
    public void present(PartitionHost host, LeaderDuties duties) {
        put(host.partition(), (PartitionLeadership) duties);
    }

    @Override
    public void removed(PartitionHost host) {
        PartitionLeadership current = at(host.partition());
        if (current != null && current.host() == host) {
            put(host.partition(), null);
            current.removed();
        }
    }

    private synchronized void put(PartitionId partition, @Nullable PartitionLeadership leadership) {
        @Nullable
        PartitionLeadership[] copy = Arrays.copyOf(
                leaderships, Math.max(leaderships.length, Integer.highestOneBit(partition.number() + 1) * 2));
        copy[partition.number()] = leadership;
        leaderships = copy;
    }

    @Nullable
    PartitionLeadership at(PartitionId partition) {
        @Nullable PartitionLeadership[] all = leaderships;
        return partition.number() < all.length ? all[partition.number()] : null;
    }

    /** For answers that an applier gives: whoever cannot take one must not stop it. */
    private static Consumer<Message> guarded(Consumer<Message> answer) {
        return message -> {
            try {
                answer.accept(message);
            } catch (RuntimeException e) {
                LOG.error("an answer was not taken: {}", message, e);
            }
        };
    }

    /** Answers a request of this node's own router exactly once, at worst with a Failure; never blocks the caller. */
    public void handle(PartitionRequest request, Consumer<Message> answer) {
        handle(request, answer, () -> false);
    }

    /**
     * Answers a request exactly once, at worst with a Failure; never blocks the caller.
     *
     * @param gone says true from the moment on when the link is broken over which the request came; {@link #routerGone}
     *     is called after that moment
     */
    public void handle(PartitionRequest request, Consumer<Message> answer, BooleanSupplier gone) {
        PartitionLeadership leadership = at(request.partition());
        if (leadership == null) {
            answer.accept(Failure.of(
                    ErrorCode.NOT_LEADER,
                    "This node holds no replica of partition " + request.partition() + "; ask its leader"));
            return;
        }
        try {
            dispatch(leadership, request, answer, gone);
        } catch (RejectedExecutionException e) {
            LOG.debug("{} came while the node stops", request, e);
            answer.accept(Failure.of(
                    ErrorCode.NOT_LEADER,
                    "This node is being stopped; ask the next leader of partition " + request.partition()));
        } catch (RuntimeException e) {
            LOG.error("{} failed", request, e);
            answer.accept(
                    Failure.of(ErrorCode.INTERNAL_ERROR, "The leader of " + request.partition() + " failed: " + e));
        }
    }

    private void dispatch(
            PartitionLeadership leadership, PartitionRequest request, Consumer<Message> answer, BooleanSupplier gone) {
        if (leadership.past().takes(request, answer, gone)) {
            return;
        }
        if (request instanceof ExecuteInBranch execute) {
            leadership.execute(execute, answer, gone);
        } else if (request instanceof EndBranch end) {
            leadership.end(end, answer);
        } else if (request instanceof PrepareBranch prepare) {
            leadership.prepare(prepare, guarded(answer));
        } else if (request instanceof DecideBranch decide) {
            leadership.decide(decide, guarded(answer));
        } else if (request instanceof FinishTransaction finish) {
            leadership.finish(finish, answer);
        } else if (request instanceof AskPrepared question) {
            leadership.askPrepared(question, guarded(answer));
        } else if (request instanceof AskOutcome question) {
            leadership.askOutcome(question, guarded(answer));
        } else if (request instanceof FetchFromBranch fetch) {
            threads.workers()
                    .execute(() -> answer.accept(leadership.host().storage().fetch(fetch.cursor(), fetch.count())));
        } else if (request instanceof CloseBranchCursor close) {
            leadership.host().storage().closeCursor(close.cursor());
            answer.accept(new Done());
        } else if (request instanceof BranchSavepoint savepoint) {
            threads.workers().execute(() -> new BranchSavepoints(leadership).execute(savepoint, answer));
        } else if (request instanceof CancelBranch cancel) {
            leadership.cancel(cancel, answer);
        } else if (request instanceof ReserveSequence reserve) {
            leadership.reserve(reserve, answer);
        } else if (request instanceof FenceSchemaChange fence) {
            leadership.fence(fence, answer);
        } else if (request instanceof ReadUnderFence read) {
            threads.statements().execute(() -> new FencedReads(leadership).execute(read, answer));
        } else if (request instanceof AskPosition question) {
            leadership.position(question, guarded(answer));
        } else if (request instanceof HoldMoment moment) {
            hold(leadership.host(), moment, guarded(answer));
        } else if (request instanceof AwaitSchema await) {
            leadership.awaitSchema(await, answer);
        } else if (request instanceof ChangeAckRule change) {
            changeAckRule(change.partition(), change.rule(), change.timeoutMillis(), doneOr(answer));
        } else if (request instanceof TransferLeader transfer) {
            transferLeader(transfer.partition(), transfer.to(), transfer.timeoutMillis(), doneOr(answer));
        } else {
            answer.accept(Failure.of(
                    ErrorCode.PROTOCOL_VIOLATION, "A leader does not know what to do with " + request.getClass()));
        }
    }

    private static void hold(PartitionHost host, HoldMoment moment, Consumer<Message> answer) {
        if (moment.letGo()) {
            host.cuts().letGo(moment.at());
            answer.accept(new Done());
        } else {
            host.cuts().hold(moment.at(), answer);
        }
    }

    /**
     * Brings another ack rule of a partition led here into force, when enough replicas keep up for it.
     *
     * @param whenDone called once, on the node loop: with null when the board shows it, else with why not
     */
    public void changeAckRule(
            PartitionId partition, AckRule rule, long timeoutMillis, Consumer<@Nullable Failure> whenDone) {
        PartitionLeadership leadership = at(partition);
        if (leadership == null) {
            whenDone.accept(noReplica(partition));
        } else {
            leadership.host().requests().changeAckRule(rule, timeoutMillis, whenDone);
        }
    }

    /**
     * Hands the lead of a partition led here to another node. New transactions are sent back to their routers, which wait;
     * open ones may end within {@code waitMillis}, else they are rolled back (40001).
     *
     * @param whenDone called once, on any thread, which it must not block: with null when the target leads, else with why not
     */
    public void transferLeader(
            PartitionId partition, NodeId target, long waitMillis, Consumer<@Nullable Failure> whenDone) {
        PartitionLeadership leadership = at(partition);
        if (leadership == null) {
            whenDone.accept(noReplica(partition));
        } else {
            leadership.handOver().start(target, waitMillis, whenDone);
        }
    }

    private static Consumer<@Nullable Failure> doneOr(Consumer<Message> answer) {
        return failure -> answer.accept(failure == null ? new Done() : failure);
    }

    private static Failure noReplica(PartitionId partition) {
        return Failure.of(
                ErrorCode.NOT_LEADER, "This node holds no replica of partition " + partition + "; ask its leader");
    }

    /** Answers what concerns the node as a whole exactly once; never blocks the caller. */
    public void handle(NodeRequest request, Consumer<Message> answer) {
        inBackground(answer, () -> {
            try {
                return answerTo(request);
            } catch (RuntimeException e) {
                LOG.error("{} failed", request, e);
                return Failure.of(ErrorCode.INTERNAL_ERROR, request.getClass().getSimpleName() + " failed: " + e);
            }
        });
    }

    private void inBackground(Consumer<Message> answer, Supplier<Message> reply) {
        try {
            threads.background().execute(() -> answer.accept(reply.get()));
        } catch (RejectedExecutionException e) {
            LOG.debug("a question came while the node stops", e);
            answer.accept(Failure.of(ErrorCode.NOT_READY, "This node is being stopped"));
        }
    }

    private Message answerTo(NodeRequest request) {
        if (request instanceof GiveUpNode lost) {
            nodeRemoval.accept(lost.node());
            return new Done();
        }
        return request instanceof KillTransaction kill
                ? transactions.kill(kill)
                : transactions.describe(((DescribeTransactions) request).waitsOnly());
    }

    /** Digests the rows of a replica here, led or not. */
    public void describe(DescribeDigests request, Consumer<Message> answer) {
        PartitionLeadership leadership = at(request.partition());
        if (leadership == null) {
            answer.accept(
                    Failure.of(ErrorCode.NOT_LEADER, "This node holds no replica of partition " + request.partition()));
            return;
        }
        inBackground(answer, () -> {
            try {
                return digest(leadership.host());
            } catch (RuntimeException e) {
                return Failure.of(
                        ErrorCode.NOT_READY,
                        "The rows of " + request.partition() + " cannot be read now, ask again: " + e.getMessage());
            }
        });
    }

    /** The rows may change while they are read; then it is done again. */
    private static Message digest(PartitionHost host) {
        for (int attempt = 0; attempt < DIGEST_ATTEMPTS; attempt++) {
            LogIndex before = host.storage().appliedIndex();
            List<ReplicaDigests.TableDigest> tables = new ArrayList<>();
            for (TableDigest table : host.storage().digests()) {
                tables.add(new ReplicaDigests.TableDigest(table.table(), table.rows(), table.hash()));
            }
            if (before.equals(host.storage().appliedIndex())) {
                return new ReplicaDigests(before, tables);
            }
        }
        return Failure.of(
                ErrorCode.NOT_READY, "Partition " + host.partition() + " changes all the time; ask when it is at rest");
    }

    /** The router that began the transactions of this origin is gone: its branches are rolled back. */
    public void routerGone(long origin) {
        forEachInBackground(leadership -> leadership.routerGone(origin));
    }

    /** The schema log decided a version, or a proposal came or went. */
    public void schemaLogChanged() {
        forEachInBackground(leadership -> {
            leadership.gate().follow();
            leadership.gate().proposalChanged();
        });
    }

    /** What comes while the node stops concerns its leaders no more. */
    private void forEachInBackground(Consumer<PartitionLeadership> work) {
        try {
            threads.background().execute(() -> present().forEach(work));
        } catch (RejectedExecutionException e) {
            LOG.debug("a change came while the node stops", e);
        }
    }

    private void tick() {
        long now = MonotonicClock.millis();
        boolean anybodyWaits = false;
        for (PartitionLeadership leadership : leaderships) {
            if (leadership != null) {
                anybodyWaits |= leadership.waiters().anybody();
                try {
                    leadership.onTick(now);
                } catch (RuntimeException e) {
                    LOG.error(
                            "the look after waiting statements of {} failed",
                            leadership.host().partition(),
                            e);
                }
            }
        }
        try {
            deadlocks.onTick(now, anybodyWaits);
        } catch (RuntimeException e) {
            LOG.error("the search for deadlocks failed", e);
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        threads.close();
    }
}
