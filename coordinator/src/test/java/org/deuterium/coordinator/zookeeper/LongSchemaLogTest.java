package org.deuterium.coordinator.zookeeper;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.common.ZKConfig;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.wire.NodeId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schema log of thousands of changes, in a real ZooKeeper. */
class LongSchemaLogTest {

    @TempDir
    Path directory;

    private EmbeddedZooKeeper zooKeeper;

    @BeforeEach
    void start() throws Exception {
        zooKeeper = EmbeddedZooKeeper.start(directory, "127.0.0.1", 0);
    }

    @AfterEach
    void stop() {
        zooKeeper.close();
    }

    /** More names than one answer holds by ZooKeeper's default, which is made small here. */
    @Test
    void aLongSchemaLogIsRead() throws Exception {
        int changes = 3_000;
        ZooKeeperSettings settings =
                new ZooKeeperSettings(zooKeeper.connectString(), "/deuterium", Sessions.MILLIS, 30_000);
        ZooKeeperCoordinator.connect(settings).close();
        ZnodePaths paths = new ZnodePaths(settings.rootPath());
        try (ZooKeeper raw = new ZooKeeper(zooKeeper.connectString(), 30_000, event -> {})) {
            List<Op> all = new ArrayList<>();
            for (int version = 1; version <= changes; version++) {
                SchemaChange change = new SchemaChange(version, "create table t" + version, "", "PUBLIC");
                SchemaProposal decided = new SchemaProposal("id" + version, change, new NodeId("n1"), "instance");
                all.add(Znodes.create(paths.schemaChange(version), ZnodeJson.decidedChange(decided)));
            }
            for (int from = 0; from < changes; from += 1_000) {
                raw.multi(all.subList(from, from + 1_000));
            }
            raw.setData(paths.schemaHead(), ZnodeJson.schemaHead(new ZnodeJson.SchemaHead(changes, null)), -1);
        }
        String before = System.getProperty(ZKConfig.JUTE_MAXBUFFER);
        System.setProperty(ZKConfig.JUTE_MAXBUFFER, "20000");
        try (ZooKeeperCoordinator node = ZooKeeperCoordinator.connect(settings)) {
            assertEquals(changes, node.schemaLog().version());
            assertEquals(1, node.schemaLog().changesAfter(changes - 1).size());
        } finally {
            if (before == null) {
                System.clearProperty(ZKConfig.JUTE_MAXBUFFER);
            } else {
                System.setProperty(ZKConfig.JUTE_MAXBUFFER, before);
            }
        }
    }
}
