package org.deuterium.replica.peer;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ProbeNode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes processes that have ended off the board without waiting for their ZooKeeper session. A link that breaks is a
 * suspicion; it is a fact when this node and a second one are both told that nobody listens there any more. A false alarm
 * costs an election, never data: the node comes back by itself, and terms fence. So that it does not cost many, looks at
 * one process become rarer the more of them there are.
 */
final class LostNodes {

    private static final Logger LOG = LoggerFactory.getLogger(LostNodes.class);

    static final long FIRST_PAUSE_MILLIS = 1_000;
    static final long LONGEST_PAUSE_MILLIS = 60_000;

    private final NodeId self;
    private final Supplier<Map<NodeId, ClusterNode>> alive;
    private final Predicate<NodeAddress> refused;
    private final Witness witness;
    private final Consumer<ClusterNode> expel;
    private final Executor background;
    private final LongSupplier nanoClock;
    private final Map<NodeId, Suspicion> suspicions = new HashMap<>();

    /** A second node that is asked to look. */
    interface Witness {

        /** Completes {@code confirmed} once, on any thread, within a second or so; with false if it cannot say. */
        void ask(NodeId node, ProbeNode question, Consumer<Boolean> confirmed);
    }

    /** What is remembered of a process. */
    private static final class Suspicion {
        private String instance = "";
        private boolean looking;
        private long notBeforeNanos;
        private long pauseMillis;
    }

    /**
     * @param alive the nodes the board shows
     * @param refused whether an address refuses connections; may block for a moment
     * @param expel takes a process off the board, if it is still that one; blocks
     */
    LostNodes(
            NodeId self,
            Supplier<Map<NodeId, ClusterNode>> alive,
            Predicate<NodeAddress> refused,
            Witness witness,
            Consumer<ClusterNode> expel,
            Executor background,
            LongSupplier nanoClock) {
        this.self = self;
        this.alive = alive;
        this.refused = refused;
        this.witness = witness;
        this.expel = expel;
        this.background = background;
        this.nanoClock = nanoClock;
    }

    /** The link to this node broke. Any thread; does not block. */
    void suspect(NodeId node) {
        ClusterNode target = alive.get().get(node);
        if (target != null && !node.equals(self) && begin(target)) {
            background.execute(() -> look(target));
        }
    }

    /** Answers another node's question about a third one; calls back on a background thread. */
    void probe(ProbeNode question, Consumer<Boolean> answer) {
        ClusterNode target = alive.get().get(question.node());
        if (target == null
                || !target.instance().equals(question.instance())
                || target.id().equals(self)) {
            answer.accept(false);
        } else {
            background.execute(() -> answer.accept(refused.test(target.address())));
        }
    }

    private synchronized boolean begin(ClusterNode target) {
        Suspicion suspicion = suspicions.computeIfAbsent(target.id(), node -> new Suspicion());
        if (!suspicion.instance.equals(target.instance())) {
            suspicion.instance = target.instance();
            suspicion.pauseMillis = 0;
            suspicion.looking = false;
            suspicion.notBeforeNanos = nanoClock.getAsLong();
        }
        if (suspicion.looking || nanoClock.getAsLong() - suspicion.notBeforeNanos < 0) {
            return false;
        }
        suspicion.looking = true;
        return true;
    }

    private synchronized void end(ClusterNode target) {
        Suspicion suspicion = suspicions.get(target.id());
        if (suspicion != null && suspicion.instance.equals(target.instance())) {
            suspicion.looking = false;
            suspicion.pauseMillis = suspicion.pauseMillis == 0
                    ? FIRST_PAUSE_MILLIS
                    : Math.min(2 * suspicion.pauseMillis, LONGEST_PAUSE_MILLIS);
            suspicion.notBeforeNanos = nanoClock.getAsLong() + TimeUnit.MILLISECONDS.toNanos(suspicion.pauseMillis);
        }
    }

    private void look(ClusterNode target) {
        if (!refused.test(target.address())) {
            end(target);
            return;
        }
        NodeId second = secondWitness(target);
        if (second == null) {
            expel(target);
        } else {
            witness.ask(second, new ProbeNode(target.id(), target.instance()), confirmed -> {
                if (confirmed) {
                    background.execute(() -> expel(target));
                } else {
                    LOG.info("{} refuses {}, but {} does not confirm it", target.address(), self, second);
                    end(target);
                }
            });
        }
    }

    private @Nullable NodeId secondWitness(ClusterNode target) {
        for (NodeId node : alive.get().keySet()) {
            if (!node.equals(self) && !node.equals(target.id())) {
                return node;
            }
        }
        return null;
    }

    private void expel(ClusterNode target) {
        try {
            expel.accept(target);
            LOG.info("the process of {} at {} has ended; it is taken off the board", target.id(), target.address());
        } catch (CoordinatorException e) {
            LOG.warn("{} has ended, but cannot be taken off the board: {}", target.id(), e.getMessage());
        } finally {
            end(target);
        }
    }
}
