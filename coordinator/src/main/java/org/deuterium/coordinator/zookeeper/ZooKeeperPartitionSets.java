package org.deuterium.coordinator.zookeeper;

import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.zookeeper.Op;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionSets;
import org.deuterium.coordinator.zookeeper.Znodes.Znode;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;

/** Adds sets to, and changes sets in, the one znode that holds the partition map; the controller then forms their partitions. */
final class ZooKeeperPartitionSets implements PartitionSets {

    private final ZnodePaths paths;
    private final Znodes znodes;
    private final ZooKeeperClusterView view;

    ZooKeeperPartitionSets(ZnodePaths paths, Znodes znodes, ZooKeeperClusterView view) {
        this.paths = paths;
        this.znodes = znodes;
        this.view = view;
    }

    @Override
    public PartitionSet ensure(String name, int partitions, int replicas, AckRule ackRule, LogKind logKind) {
        PartitionSet known = view.partitionMap().set(name);
        PartitionSet set = known != null
                ? known
                : znodes.blocking("make partition set " + name, () -> {
                    Znode znode = readMap();
                    PartitionMap map = ZnodeJson.readPartitionMap(znode.data(), znode.version());
                    PartitionSet present = map.set(name);
                    if (present != null) {
                        return present;
                    }
                    PartitionMap changed = map.withNewSet(name, partitions, replicas, ackRule, logKind);
                    return write(changed, znode) ? changed.set(name) : null;
                });
        if (set.partitions().size() != partitions || set.replicas() != replicas) {
            throw new CoordinatorException(
                    "partition set " + name + " has " + set.partitions().size()
                            + " partitions of " + set.replicas() + " replicas, not " + partitions + " of " + replicas
                            + "; use it as it is, or give another name");
        }
        znodes.blocking("see partition set " + name, () -> view.partitionMap().set(name));
        return set;
    }

    @Override
    public PartitionSet change(String name, UnaryOperator<PartitionSet> change) {
        PartitionSet changed = znodes.blocking("change partition set " + name, () -> {
            Znode znode = readMap();
            PartitionMap map = ZnodeJson.readPartitionMap(znode.data(), znode.version());
            PartitionSet present = map.set(name);
            if (present == null) {
                throw new CoordinatorException("there is no partition set " + name + "; see SHOW PARTITIONS");
            }
            PartitionSet wanted = change.apply(present);
            return wanted.equals(present) || write(map.withChanged(wanted), znode) ? wanted : null;
        });
        znodes.blocking("see the change of partition set " + name, () -> {
            PartitionSet seen = view.partitionMap().set(name);
            return changed.equals(seen) ? seen : null;
        });
        return changed;
    }

    private Znode readMap() throws Exception {
        Znode znode = znodes.await(() -> znodes.readLatest(paths.partitionMap()));
        if (znode == null) {
            throw new CoordinatorException("znode " + paths.partitionMap() + " is gone; the cluster is damaged");
        }
        return znode;
    }

    /** False if the map was changed by somebody else meanwhile. */
    private boolean write(PartitionMap map, Znode before) throws Exception {
        Op write = Op.setData(paths.partitionMap(), ZnodeJson.partitionMap(map), before.version());
        return znodes.await(() -> znodes.change(List.of(write))) == ChangeResult.DONE;
    }
}
