package org.deuterium.replica.host;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a replica on its node: what may be lost with its log is set aside, then the log ends, and only then the
 * directory is deleted. A crash in between finds both, or no log.
 */
final class ReplicaEnd {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaEnd.class);

    private ReplicaEnd() {}

    /**
     * Loop.
     *
     * @param still done when the closed host's applier does nothing more
     * @param group the partition's state as it is now; null if it was never read
     * @param keepsAside the database is not deleted but kept beside the others
     * @param then runs on the loop when nothing is left
     */
    static void begin(
            PartitionHost host,
            CompletableFuture<Void> still,
            @Nullable ReplicaGroup group,
            HostServices services,
            ReplicaDirectories directories,
            boolean keepsAside,
            Runnable then) {
        PartitionId partition = host.partition();
        Term goneFor = group == null ? host.core().term() : group.term();
        LogIndex lost = host.core().tailBeforeRemoval(group == null ? goneFor : group.asyncThrough());
        CompletableFuture<Void> logEnded = new CompletableFuture<>();
        host.tail().whenKept(() -> host.tail().setAside(goneFor, lost, () -> {
            services.log().dropReplica(partition);
            services.loop().afterDurable(() -> logEnded.complete(null));
        }));
        CompletableFuture<Void> closed = still.thenRunAsync(() -> closeQuietly(host), services.background());
        CompletableFuture.allOf(closed, logEnded)
                .thenRunAsync(
                        () -> {
                            try {
                                directories.remove(partition, keepsAside);
                            } catch (IOException e) {
                                LOG.error("cannot remove the directory of {} on {}", partition, services.node(), e);
                            }
                            services.loop().submit(now -> then.run());
                        },
                        services.background());
    }

    /** Background: ends the duties of a closed host, and closes its database. */
    static void closeQuietly(PartitionHost host) {
        try {
            host.duties().stepDown();
            if (!host.storage().isClosed()) { // else it was stuck: what it stored last stays as it is
                host.storage().close();
            }
        } catch (RuntimeException e) {
            LOG.warn("the database of {} did not close in good order", host.partition(), e);
        }
    }
}
