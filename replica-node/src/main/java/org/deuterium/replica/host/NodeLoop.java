package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replication.Effects.Send;
import org.deuterium.transport.EventLoops;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a node that owns every core and the log. It is an event loop: it reads and writes the connections
 * between replicas itself, so that an entry and its acknowledgement change threads nowhere else. A turn: take what is
 * queued, let the cores decide, append, send what may go at once, one fsync for all, send what waited for it, tell the
 * cores what is durable, apply what followers have learned to be committed.
 */
final class NodeLoop {

    private static final Logger LOG = LoggerFactory.getLogger(NodeLoop.class);
    private static final int EVENTS_PER_TURN = 4096;
    private static final long LONGEST_FLIGHT_NANOS = 1_000_000;
    private static final long LONGEST_GATHERING_NANOS = 500_000;

    /** Something that happened, to be dealt with on the loop. */
    @FunctionalInterface
    interface Event {
        void run(long nowMillis);
    }

    private final EventLoops loops;
    private final int number;
    private final ReplicationLog log;
    private final PeerSender peers;
    private final int tickMillis;
    private final Runnable onTick;
    private final Consumer<Exception> whenFailed;
    private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean turnIsQueued = new AtomicBoolean();
    private final Runnable turn = this::turn;
    private final Runnable tick = this::tick;
    private volatile boolean started;
    private volatile boolean stopping;

    private final GroupCommit groupCommit = new GroupCommit(LONGEST_FLIGHT_NANOS, LONGEST_GATHERING_NANOS);
    private final List<PartitionHost> withProposals = new ArrayList<>();
    private long wakesAtNanos;
    private boolean wakes;
    private List<PartitionHost> withAppends = new ArrayList<>();
    private List<PartitionHost> spareAppends = new ArrayList<>();
    private List<Send> afterDurable = new ArrayList<>();
    private List<Send> spareSends = new ArrayList<>();
    private final List<Runnable> actionsAfterDurable = new ArrayList<>();
    private final List<Runnable> lastOfTurn = new ArrayList<>();

    /** {@code whenFailed} ends the process: a node that no longer replicates must not keep its session and its terms. */
    NodeLoop(
            EventLoops loops,
            int number,
            ReplicationLog log,
            PeerSender peers,
            int tickMillis,
            Runnable onTick,
            Consumer<Exception> whenFailed) {
        this.loops = loops;
        this.number = number;
        this.whenFailed = whenFailed;
        this.log = log;
        this.peers = peers;
        this.tickMillis = tickMillis;
        this.onTick = onTick;
    }

    /** What was queued before waits for this. */
    void start() {
        started = true;
        loops.execute(number, turn);
        loops.schedule(number, tickMillis, TimeUnit.MILLISECONDS, tick);
    }

    /** Queues an event; any thread, never blocks. After {@link #stop} it is never run. */
    void submit(Event event) {
        events.add(event);
        if (started && !stopping && !turnIsQueued.get() && turnIsQueued.compareAndSet(false, true)) {
            try {
                loops.execute(number, turn);
            } catch (RejectedExecutionException e) {
                LOG.debug("the node is stopping; something that happened is not looked at any more", e);
            }
        }
    }

    /** Any thread: what is submitted now may never be run. */
    boolean isStopping() {
        return stopping;
    }

    boolean isCurrentThread() {
        return loops.isCurrent(number);
    }

    /** Any thread: the {@link MonotonicClock}, by which cores and deadlines go. */
    long nowMillis() {
        return MonotonicClock.millis();
    }

    PeerSender peers() {
        return peers;
    }

    /** Loop only: when proposals become a batch. */
    GroupCommit groupCommit() {
        return groupCommit;
    }

    /** Loop only: the partition has proposals to be appended, in this turn or one soon after. */
    void proposalsOf(PartitionHost host) {
        withProposals.add(host);
    }

    /** Loop only: tell the core of this partition when what was appended is durable. */
    void appendedTo(PartitionHost host) {
        withAppends.add(host);
    }

    /** Loop only: sends this once everything written so far is durable. */
    void sendAfterDurable(List<Send> sends) {
        afterDurable.addAll(sends);
    }

    /** Loop only: runs this once everything written so far is durable. */
    void afterDurable(Runnable action) {
        actionsAfterDurable.add(action);
    }

    /** Loop only: runs this when nobody waits for this turn any more. */
    void lastOfTurn(Runnable action) {
        lastOfTurn.add(action);
    }

    private void turn() {
        if (stopping) {
            return;
        }
        turnIsQueued.set(false);
        try {
            drain(nowMillis());
            makeDurable();
            lookAgainAtProposals();
            for (int i = 0; i < lastOfTurn.size(); i++) {
                lastOfTurn.get(i).run();
            }
            lastOfTurn.clear();
        } catch (RuntimeException | Error e) {
            // a core or the log broke one of its own rules; going on could break a promise to a client
            LOG.error("the node loop failed; this node does nothing more until it is started again", e);
            stopping = true;
            whenFailed.accept(new IllegalStateException("the node loop failed", e));
            throw e;
        }
    }

    private void tick() {
        if (!stopping) {
            submit(now -> onTick.run());
            loops.schedule(number, tickMillis, TimeUnit.MILLISECONDS, tick);
        }
    }

    private void drain(long now) {
        for (int taken = 0; taken < EVENTS_PER_TURN; taken++) {
            Event event = events.poll();
            if (event == null) {
                break;
            }
            event.run(now);
        }
        if (!withProposals.isEmpty()) {
            propose(now);
        }
        if (!events.isEmpty() && turnIsQueued.compareAndSet(false, true)) {
            loops.execute(number, turn);
        }
    }

    private void propose(long now) {
        long nanos = groupCommit.nanosToWait(System.nanoTime());
        if (nanos > 0) {
            wakeIn(nanos);
            return;
        }
        groupCommit.taking();
        for (int i = 0; i < withProposals.size(); i++) {
            withProposals.get(i).proposeAll(now);
        }
        withProposals.clear();
    }

    /** The batch that proposals waited for may have come back since. */
    private void lookAgainAtProposals() {
        if (!withProposals.isEmpty() && !turnIsQueued.get()) {
            wakeIn(groupCommit.nanosToWait(System.nanoTime()));
        }
    }

    private void wakeIn(long nanos) {
        if (nanos == 0) {
            submit(now -> {});
            return;
        }
        long at = System.nanoTime() + nanos;
        if (!wakes || at - wakesAtNanos < 0) {
            wakes = true;
            wakesAtNanos = at;
            loops.schedule(number, nanos, TimeUnit.NANOSECONDS, () -> {
                wakes = false;
                submit(now -> {});
            });
        }
    }

    private void makeDurable() {
        peers.flush();
        while (log.hasUnsynced()
                || !afterDurable.isEmpty()
                || !withAppends.isEmpty()
                || !actionsAfterDurable.isEmpty()) {
            log.sync();
            List<Send> sends = afterDurable;
            afterDurable = spareSends;
            spareSends = sends;
            for (int i = 0; i < sends.size(); i++) {
                peers.send(sends.get(i).to(), sends.get(i).message());
            }
            sends.clear();
            if (!actionsAfterDurable.isEmpty()) {
                List<Runnable> actions = List.copyOf(actionsAfterDurable);
                actionsAfterDurable.clear();
                actions.forEach(Runnable::run);
            }
            List<PartitionHost> appended = withAppends;
            withAppends = spareAppends;
            spareAppends = appended;
            for (int i = 0; i < appended.size(); i++) {
                appended.get(i).durable();
            }
            appended.clear();
            peers.flush();
        }
    }

    /** No turn begins any more; waits for the one under way. */
    void stop() {
        stopping = true;
        if (isCurrentThread()) {
            return;
        }
        CountDownLatch done = new CountDownLatch(1);
        try {
            loops.execute(number, done::countDown);
            if (!done.await(10, TimeUnit.SECONDS)) {
                LOG.warn("the node loop did not end its turn in 10 seconds; stopping all the same");
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("the event loop has ended already", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
