package org.deuterium.replica.host;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The empty databases of replicas that a node is to have and has not. What fails is tried again after a while: the state of
 * a quiet partition may not change for days. Belongs to the node loop.
 */
final class ReplicaMaking {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaMaking.class);
    private static final int TRIES_A_TIMEOUT = 6;

    /** Hears on the node loop of a database that is ready. */
    interface Made {
        void made(PartitionId partition, StorageId storageId, H2Storage storage, long nowMillis);
    }

    private final HostServices services;
    private final ReplicaDirectories directories;
    private final ReplicaReport report;
    private final Made whenMade;

    /** Partitions with whose directories a thread is busy. */
    private final Set<PartitionId> busy = new HashSet<>();

    private long againMillis = Long.MAX_VALUE;

    ReplicaMaking(HostServices services, ReplicaDirectories directories, ReplicaReport report, Made whenMade) {
        this.services = services;
        this.directories = directories;
        this.report = report;
        this.whenMade = whenMade;
    }

    boolean isBusy(PartitionId partition) {
        return busy.contains(partition);
    }

    /** A replica comes to its end: until that is over another one is not made. */
    void endBegins(PartitionId partition) {
        busy.add(partition);
    }

    void endIsOver(PartitionId partition) {
        busy.remove(partition);
    }

    /** Under a storage id of its own; nothing if it is being made already. */
    void make(PartitionId partition) {
        if (!busy.add(partition)) {
            return;
        }
        StorageId storageId = new StorageId(UUID.randomUUID().toString());
        services.background().execute(() -> {
            try {
                directories.delete(partition);
                H2Storage storage = H2Storage.open(
                        directories.of(partition), services.settings().storage());
                services.loop().submit(now -> {
                    busy.remove(partition);
                    whenMade.made(partition, storageId, storage, now);
                });
            } catch (RuntimeException | IOException | Error e) {
                LOG.error("cannot make the replica of {} on {}; tried again soon", partition, services.node(), e);
                services.loop().submit(now -> notMade(partition, e, now));
            }
        });
    }

    private void notMade(PartitionId partition, Throwable cause, long nowMillis) {
        busy.remove(partition);
        report.rebuilt(partition, "it cannot be made yet: " + cause.getMessage());
        againMillis = Math.min(againMillis, nowMillis + services.settings().snapshotTimeoutMillis() / TRIES_A_TIMEOUT);
    }

    /** True now and then after one could not be made: what is still missing is to be made. */
    boolean isDue(long nowMillis) {
        if (nowMillis < againMillis) {
            return false;
        }
        againMillis = Long.MAX_VALUE;
        return true;
    }
}
