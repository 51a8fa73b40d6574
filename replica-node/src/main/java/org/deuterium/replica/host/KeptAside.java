package org.deuterium.replica.host;

import java.io.IOException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.deuterium.wire.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The databases that are kept aside because they, or their log, could not be used: deleted when the replica is as good as
 * the others again. Belongs to the node loop.
 */
final class KeptAside {

    private static final Logger LOG = LoggerFactory.getLogger(KeptAside.class);
    private static final long LOOK_MILLIS = 1_000;

    private final ReplicaDirectories directories;
    private final Executor background;
    private final Set<PartitionId> nothingThere = new HashSet<>();
    private long nextLookMillis;

    KeptAside(ReplicaDirectories directories, Executor background) {
        this.directories = directories;
        this.background = background;
    }

    /** A database of this partition was set aside since the start. */
    void added(PartitionId partition) {
        nothingThere.remove(partition);
    }

    void onTick(Collection<PartitionHost> hosts, ReplicaReport report, long nowMillis) {
        if (nowMillis < nextLookMillis) {
            return;
        }
        nextLookMillis = nowMillis + LOOK_MILLIS;
        for (PartitionHost host : hosts) {
            PartitionId partition = host.partition();
            if (report.keepsUp(host) && host.showsAllCommitted() && nothingThere.add(partition)) {
                background.execute(() -> delete(partition));
            }
        }
    }

    private void delete(PartitionId partition) {
        try {
            if (directories.hasSetAside(partition)) {
                LOG.info("{}: what was kept aside is deleted, the replica is as good as the others again", partition);
                directories.deleteSetAside(partition);
            }
        } catch (IOException e) {
            LOG.warn("cannot delete what was kept aside of {}; delete it by hand", partition, e);
        }
    }
}
