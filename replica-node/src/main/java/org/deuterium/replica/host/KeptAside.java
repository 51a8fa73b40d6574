package org.deuterium.replica.host;

import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.deuterium.wire.LogIndex;
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
    private final Map<PartitionId, LogIndex> lastAtFirst = new HashMap<>();
    private long nextLookMillis;

    KeptAside(ReplicaDirectories directories, Executor background) {
        this.directories = directories;
        this.background = background;
    }

    /** A database of this partition was set aside since the start. */
    void added(PartitionId partition) {
        nothingThere.remove(partition);
        lastAtFirst.remove(partition);
    }

    void onTick(Collection<PartitionHost> hosts, ReplicaReport report, long nowMillis) {
        if (nowMillis < nextLookMillis) {
            return;
        }
        nextLookMillis = nowMillis + LOOK_MILLIS;
        for (PartitionHost host : hosts) {
            PartitionId partition = host.partition();
            if (report.keepsUp(host) && host.showsAllCommitted() && !nothingThere.contains(partition)) {
                look(partition, host.core().lastIndex(), host.core().appliedIndex());
            }
        }
    }

    /**
     * The replica counts and shows all that it knows to be committed, which is nothing as long as no leader has said
     * anything: what was kept goes only when all is shown that the log had when it was looked at first, but for what a
     * leader discarded since. Any of its entries may be the one that the database fails on.
     */
    void look(PartitionId partition, LogIndex last, LogIndex applied) {
        LogIndex then = lastAtFirst.computeIfAbsent(partition, p -> last);
        LogIndex mustShow = then.isAfter(last) ? last : then;
        if (!mustShow.isAfter(applied) && nothingThere.add(partition)) {
            background.execute(() -> delete(partition));
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
