package org.deuterium.coordinator.zookeeper;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;

/** Ends sessions behind their owner's back, as ZooKeeper does after too long a silence. */
public final class Sessions {

    /** How long they last in tests: they end when a test says so, not when the machine stands still. */
    public static final int MILLIS = 8_000;

    private Sessions() {}

    public static void expire(ZooKeeperCoordinator victim) throws Exception {
        ZooKeeper handle = victim.curator().getZookeeperClient().getZooKeeper();
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper twin = new ZooKeeper(
                victim.curator().getZookeeperClient().getCurrentConnectionString(),
                handle.getSessionTimeout(),
                event -> {
                    if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                        connected.countDown();
                    }
                },
                handle.getSessionId(),
                handle.getSessionPasswd());
        if (!connected.await(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the twin of a session did not connect");
        }
        twin.close();
    }
}
