package org.deuterium.router.execute;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.wire.NodeId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process's way into the schema log. It knows which of its proposals somebody here is working on; one that stands on
 * the board although nobody is, is dropped: its proposer could not reach the board when it was to be decided or dropped,
 * and as long as it stands every partition holds its work back. (The controller drops those of processes that are gone.)
 */
public final class OwnProposals implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OwnProposals.class);
    private static final long LOOK_MILLIS = 250;

    private final NodeId self;
    private final ClusterView view;
    private final SchemaLog log;
    private final ScheduledThreadPoolExecutor looker;
    private final Set<String> running = new HashSet<>();

    /** Calls of {@link SchemaLog#propose} that may have made a proposal whose id is not known here yet. */
    private int proposing;

    public OwnProposals(NodeId self, ClusterView view, SchemaLog log) {
        this.self = self;
        this.view = view;
        this.log = log;
        this.looker = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "router-proposals");
            thread.setDaemon(true);
            return thread;
        });
        looker.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        looker.scheduleWithFixedDelay(this::dropForgotten, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** As {@link SchemaLog#propose}; who gets a proposal must call {@link #ended} in the end, whatever happens. */
    @Nullable
    SchemaProposal propose(long expectedVersion, String sql, String partitionSql, String placement) {
        synchronized (this) {
            proposing++;
        }
        SchemaProposal made = null;
        try {
            made = log.propose(expectedVersion, sql, partitionSql, placement);
            return made;
        } finally {
            synchronized (this) {
                proposing--;
                if (made != null) {
                    running.add(made.id());
                }
            }
        }
    }

    /** Nobody here works on this proposal any more: if it is neither decided nor dropped, it will be dropped. */
    void ended(SchemaProposal proposal) {
        synchronized (this) {
            running.remove(proposal.id());
        }
    }

    private void dropForgotten() {
        SchemaProposal open = log.proposal();
        if (open == null || !isForgotten(open)) {
            return;
        }
        try {
            log.drop(open);
            LOG.info(
                    "dropped the schema change this node proposed and could not bring to an end: {}",
                    open.change().sql());
        } catch (CoordinatorException e) {
            LOG.warn("a forgotten schema change cannot be dropped yet: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("dropping a forgotten schema change failed", e);
        }
    }

    private boolean isForgotten(SchemaProposal open) {
        ClusterNode me = view.node(self);
        if (me == null
                || !open.proposer().equals(self)
                || !open.proposerInstance().equals(me.instance())) {
            return false;
        }
        synchronized (this) {
            return proposing == 0 && !running.contains(open.id());
        }
    }

    @Override
    public void close() {
        looker.shutdownNow();
    }
}
