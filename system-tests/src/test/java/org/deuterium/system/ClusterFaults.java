package org.deuterium.system;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.deuterium.wire.PartitionId;

/** One fault after another, drawn from a seed, each begun and mended again under load. */
final class ClusterFaults {

    /** What happens. Every node is a router too: whatever strikes a node strikes a third of the clients. */
    enum Fault {
        KILL_LEADER,
        KILL_FOLLOWER,
        PAUSE_LEADER,
        PAUSE_FOLLOWER,
        STOP_ZOOKEEPER,
        RESTART_ALL
    }

    /** The load, which is to go on. */
    interface Progress {
        /** Waits until more work has been done, or fails. */
        void await(String during) throws InterruptedException;
    }

    private static final long LONELY_MILLIS = 700;

    private final FaultyCluster cluster;
    private final List<Fault> kinds;
    private final int partitions;
    private final int pauseMillis;
    private final Random random;
    private final List<Fault> bag = new ArrayList<>();
    private boolean goesOnWithoutOne = true;

    /** @param partitions those from 1 to this number are struck */
    ClusterFaults(FaultyCluster cluster, Collection<Fault> kinds, int partitions, int pauseMillis, long seed) {
        this.cluster = cluster;
        this.kinds = List.copyOf(kinds);
        this.partitions = partitions;
        this.pauseMillis = pauseMillis;
        this.random = new Random(seed);
    }

    /** Each kind once, then each once again. */
    Fault next() {
        if (bag.isEmpty()) {
            bag.addAll(kinds);
            Collections.shuffle(bag, random);
        }
        return bag.remove(0);
    }

    /** Under SEMI_SYNC 2 of three replicas nobody is asked for progress while a node is dead, only for other leaders. */
    void goesOnWithoutOne(boolean goesOn) {
        this.goesOnWithoutOne = goesOn;
    }

    /** Lets it happen; returns when everything runs again. */
    void inject(Fault fault, Progress progress) throws Exception {
        String leader = cluster.leaderOf(new PartitionId(1 + random.nextInt(partitions)));
        List<String> others = new ArrayList<>(FaultyCluster.nodeNames());
        others.remove(leader);
        String follower = others.get(random.nextInt(others.size()));
        switch (fault) {
            case KILL_LEADER -> killAndRestart(leader, progress);
            case KILL_FOLLOWER -> killAndRestart(follower, progress);
            case PAUSE_LEADER -> pauseAndResume(leader);
            case PAUSE_FOLLOWER -> pauseAndResume(follower);
            case STOP_ZOOKEEPER -> stopZooKeeper(progress);
            case RESTART_ALL -> {
                cluster.local().killAll();
                cluster.startAll();
            }
        }
    }

    private void killAndRestart(String victim, Progress progress) throws Exception {
        cluster.kill(victim);
        if (goesOnWithoutOne) {
            progress.await(victim + " killed");
        } else {
            cluster.awaitOthersLead(victim, partitions);
        }
        cluster.startAll();
    }

    /**
     * The leader's followers die, it goes on alone as long as its lease lasts, and dies too; the followers elect one of
     * themselves before it comes back. What it acknowledged alone is lost, which under ASYNC it may be.
     *
     * @param goAlone writes in this partition through this leader, until that is gone
     */
    void killLonelyLeader(BiFunction<PartitionId, String, Thread> goAlone) throws Exception {
        PartitionId partition = new PartitionId(1 + random.nextInt(partitions));
        String leader = cluster.leaderOf(partition);
        List<String> others = new ArrayList<>(FaultyCluster.nodeNames());
        others.remove(leader);
        Thread writer = goAlone.apply(partition, leader);
        TimeUnit.MILLISECONDS.sleep(LONELY_MILLIS); // so that it writes when it becomes lonely
        for (String follower : others) {
            cluster.kill(follower);
        }
        TimeUnit.MILLISECONDS.sleep(LONELY_MILLIS); // the length of the fault, less than a lease
        cluster.kill(leader);
        writer.join();
        for (String follower : others) {
            cluster.local().startNode(follower, System.out);
        }
        cluster.awaitOthersLead(leader, partitions);
        cluster.startAll();
    }

    private void pauseAndResume(String victim) throws Exception {
        cluster.pause(victim);
        TimeUnit.MILLISECONDS.sleep(pauseMillis); // the length of the fault
        cluster.resume(victim);
    }

    private void stopZooKeeper(Progress progress) throws Exception {
        boolean kill = random.nextBoolean();
        if (kill) {
            cluster.kill("zookeeper");
        } else {
            cluster.pause("zookeeper");
        }
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMillis);
        while (System.nanoTime() < until) {
            progress.await("ZooKeeper " + (kill ? "killed" : "paused"));
            TimeUnit.MILLISECONDS.sleep(100); // between two looks
        }
        if (kill) {
            cluster.startAll();
        } else {
            cluster.resume("zookeeper");
        }
    }
}
