package org.deuterium.coordinator.zookeeper;

/**
 * How to reach ZooKeeper.
 *
 * @param connectString {@code host:port,host:port}
 * @param rootPath the znode under which this cluster lives, such as {@code /deuterium}
 * @param sessionTimeoutMillis silence after which a process counts as gone
 * @param answerTimeoutMillis how long a blocking call waits for ZooKeeper before it gives up
 */
public record ZooKeeperSettings(
        String connectString, String rootPath, int sessionTimeoutMillis, int answerTimeoutMillis) {

    public static ZooKeeperSettings of(String connectString) {
        return new ZooKeeperSettings(connectString, "/deuterium", 2_000, 10_000);
    }

    /** @param millis from two to twenty ticks of the ZooKeeper server, which takes the nearest of them otherwise */
    public ZooKeeperSettings withSessionTimeoutMillis(int millis) {
        return new ZooKeeperSettings(connectString, rootPath, millis, answerTimeoutMillis);
    }
}
