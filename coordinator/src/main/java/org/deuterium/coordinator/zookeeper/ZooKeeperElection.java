package org.deuterium.coordinator.zookeeper;

import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Op;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.LeaderElection;
import org.deuterium.coordinator.Leadership;
import org.deuterium.coordinator.zookeeper.ZnodeJson.ControllerRecord;
import org.deuterium.coordinator.zookeeper.Znodes.Znode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whoever first makes the ephemeral znode below the controller's, and raises the term in the same step, is controller
 * for that term. Everything here runs on the worker thread.
 */
final class ZooKeeperElection implements LeaderElection {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperElection.class);

    private static final long TRY_AGAIN_MILLIS = 200;

    /** Longer than it takes every other process to find the place free. */
    private static final long GIVE_WAY_MILLIS = 3_000;

    private final ZnodePaths paths;
    private final Znodes znodes;
    private final ZooKeeperClusterView view;
    private final ZooKeeperMembership membership;
    private final ScheduledExecutorService worker;
    private volatile @Nullable Candidate candidate;
    private @Nullable ZooKeeperLeadership held;
    private boolean tryingAgain;
    private long notBeforeNanos = System.nanoTime();

    ZooKeeperElection(
            ZnodePaths paths,
            Znodes znodes,
            ZooKeeperClusterView view,
            ZooKeeperMembership membership,
            ScheduledExecutorService worker) {
        this.paths = paths;
        this.znodes = znodes;
        this.view = view;
        this.membership = membership;
        this.worker = worker;
        view.addListener(new ClusterListener() {
            @Override
            public void onControllerChanged(@Nullable NodeId controller) {
                worker.execute(ZooKeeperElection.this::review);
            }

            @Override
            public void onSessionLost() {
                worker.execute(ZooKeeperElection.this::depose);
            }

            @Override
            public void onConnected(boolean connected) {
                worker.execute(ZooKeeperElection.this::review);
            }
        });
    }

    @Override
    public void join(Candidate who) {
        candidate = who;
        worker.execute(this::review);
    }

    @Override
    public void giveWay(Leadership leadership) {
        worker.execute(() -> {
            ZooKeeperLeadership mine = held;
            if (mine != null && mine.equals(leadership)) {
                notBeforeNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GIVE_WAY_MILLIS);
                mine.giveUp();
                depose();
            }
        });
    }

    @Override
    public void leave() {
        candidate = null;
        worker.execute(() -> {
            if (held != null) {
                held = null;
                znodes.change(List.of(Op.delete(paths.controllerAlive(), -1)));
            }
        });
    }

    private void review() {
        tryingAgain = false;
        Candidate who = candidate;
        if (who == null) {
            return;
        }
        ZooKeeperLeadership mine = held;
        if (mine != null) {
            if (mine.term().isBefore(view.controllerRecord().term())) {
                depose();
            }
            return;
        }
        ClusterNode self = membership.self();
        if (self == null || !view.isConnected() || System.nanoTime() - notBeforeNanos < 0) {
            tryAgain();
            return;
        }
        boolean leftByThisProcess = view.controllerRecord().instance().equals(self.instance());
        if (!view.isControllerAlive() || leftByThisProcess) {
            campaign(who, self);
        }
    }

    private void campaign(Candidate who, ClusterNode self) {
        try {
            Znode znode = znodes.await(() -> znodes.readLatest(paths.controller()));
            Znode alive = znodes.await(() -> znodes.readLatest(paths.controllerAlive()));
            if (znode == null) {
                LOG.error("znode {} is gone; no controller can be elected", paths.controller());
                return;
            }
            ControllerRecord last = ZnodeJson.readController(znode.data());
            if (alive != null) {
                boolean mine = alive.ephemeralOwner() == znodes.sessionId()
                        && last.instance().equals(self.instance());
                if (mine) {
                    // an earlier try was done although its answer was lost
                    elected(who, self, last.term(), znode.version());
                } else {
                    tryAgain();
                }
                return;
            }
            Term next = last.term().next();
            byte[] record =
                    ZnodeJson.controller(new ControllerRecord(next, self.id().name(), self.instance()));
            ChangeResult result = znodes.await(() -> znodes.change(List.of(
                    Znodes.createEphemeral(paths.controllerAlive(), ZnodeJson.empty()),
                    Op.setData(paths.controller(), record, znode.version()))));
            if (result == ChangeResult.DONE) {
                elected(who, self, next, znode.version() + 1);
            } else {
                tryAgain();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            LOG.debug("the campaign of {} was interrupted by ZooKeeper", self.id(), e);
            tryAgain();
        }
    }

    private void elected(Candidate who, ClusterNode self, Term term, int version) {
        ZooKeeperLeadership leadership = new ZooKeeperLeadership(paths, znodes, view, self.id(), term, version);
        held = leadership;
        LOG.info("{} is the controller of {}", self.id(), term);
        who.onElected(leadership);
    }

    private void depose() {
        ZooKeeperLeadership was = held;
        Candidate who = candidate;
        if (was != null) {
            held = null;
            LOG.info("{} is over", was);
            if (who != null) {
                who.onDeposed(was);
            }
            tryAgain();
        }
    }

    private void tryAgain() {
        if (!tryingAgain) {
            tryingAgain = true;
            worker.schedule(this::review, TRY_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
