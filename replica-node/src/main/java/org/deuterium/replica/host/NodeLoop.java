package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replication.Effects.Send;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a node that owns every core and the log. A turn: take what is queued, let the cores decide, append,
 * send what may go at once, one fsync for all, send what waited for it, tell the cores what is durable.
 */
final class NodeLoop {

    private static final Logger LOG = LoggerFactory.getLogger(NodeLoop.class);
    private static final int EVENTS_PER_TURN = 4096;

    /** Something that happened, to be dealt with on the loop. */
    @FunctionalInterface
    interface Event {
        void run(long nowMillis);
    }

    private final ReplicationLog log;
    private final PeerSender peers;
    private final int tickMillis;
    private final Runnable onTick;
    private final Consumer<Exception> whenFailed;
    private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private final long wallStartMillis = System.currentTimeMillis();
    private final long startNanos = System.nanoTime();
    private volatile boolean parked;
    private volatile boolean stopping;

    private final List<PartitionHost> withProposals = new ArrayList<>();
    private List<PartitionHost> withAppends = new ArrayList<>();
    private List<PartitionHost> spareAppends = new ArrayList<>();
    private List<Send> afterDurable = new ArrayList<>();
    private List<Send> spareSends = new ArrayList<>();
    private final List<Runnable> actionsAfterDurable = new ArrayList<>();

    /** {@code whenFailed} ends the process: a node that no longer replicates must not keep its session and its terms. */
    NodeLoop(
            String name,
            ReplicationLog log,
            PeerSender peers,
            int tickMillis,
            Runnable onTick,
            Consumer<Exception> whenFailed) {
        this.whenFailed = whenFailed;
        this.log = log;
        this.peers = peers;
        this.tickMillis = tickMillis;
        this.onTick = onTick;
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Queues an event; any thread, never blocks. */
    void submit(Event event) {
        events.add(event);
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Milliseconds since 1970 that never fall. */
    long nowMillis() {
        return wallStartMillis + (System.nanoTime() - startNanos) / 1_000_000;
    }

    PeerSender peers() {
        return peers;
    }

    /** Loop only: the partition has proposals to be appended in this turn. */
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

    private void run() {
        long nextTick = nowMillis();
        while (!stopping) {
            try {
                nextTick = turn(nextTick);
            } catch (RuntimeException | Error e) {
                // a core or the log broke one of its own rules; going on could break a promise to a client
                LOG.error("the node loop failed; this node does nothing more until it is started again", e);
                boolean unexpected = !stopping;
                stopping = true;
                if (unexpected) {
                    whenFailed.accept(new IllegalStateException("the node loop failed", e));
                }
                throw e;
            }
        }
    }

    private long turn(long nextTick) {
        long now = nowMillis();
        boolean worked = drain(now);
        long next = nextTick;
        if (now >= next) {
            onTick.run();
            next = now + tickMillis;
            worked = true;
        }
        makeDurable();
        if (!worked) {
            park(next - now);
        }
        return next;
    }

    private boolean drain(long now) {
        int taken = 0;
        while (taken < EVENTS_PER_TURN) {
            Event event = events.poll();
            if (event == null) {
                break;
            }
            event.run(now);
            taken++;
        }
        for (int i = 0; i < withProposals.size(); i++) {
            withProposals.get(i).proposeAll(now);
        }
        withProposals.clear();
        return taken > 0;
    }

    private void makeDurable() {
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
        }
    }

    private void park(long millis) {
        parked = true;
        if (events.isEmpty() && !stopping) {
            LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(Math.max(1, millis)));
        }
        parked = false;
    }

    /** Ends the thread after its turn and waits for it. */
    void stop() {
        stopping = true;
        LockSupport.unpark(thread);
        if (isCurrentThread()) {
            return;
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
