package org.deuterium.replica.host;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.log.DamagedEntryException;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a replica on its node: what may be lost with its log is set aside, and so is its database, if it may be the
 * last of its kind; then the log ends, and only then what is left of the directory is deleted. A crash in between finds both,
 * or no log: a database without a log is deleted at the next start.
 */
final class ReplicaEnd {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaEnd.class);
    private static final long PAUSE_SECONDS = 10;

    private final PartitionHost host;
    private final HostServices services;
    private final ReplicaDirectories directories;

    private ReplicaEnd(PartitionHost host, HostServices services, ReplicaDirectories directories) {
        this.host = host;
        this.services = services;
        this.directories = directories;
    }

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
        ReplicaEnd end = new ReplicaEnd(host, services, directories);
        Term goneFor = group == null ? host.core().term() : group.term();
        LogIndex lost = host.core().tailBeforeRemoval(group == null ? goneFor : group.asyncThrough());
        CompletableFuture<Void> tailIsKept = new CompletableFuture<>();
        host.tail().whenKept(() -> host.tail().setAside(goneFor, lost, () -> tailIsKept.complete(null)));
        CompletableFuture<Void> closed = still.thenRunAsync(() -> closeQuietly(host), services.background());
        CompletableFuture<Void> setAside = keepsAside ? closed.thenCompose(ignored -> end.setAside()) : closed;
        CompletableFuture.allOf(tailIsKept, setAside)
                .thenCompose(ignored -> end.endLog())
                .thenRunAsync(end::deleteDirectory, services.background())
                .thenRun(() -> services.loop().submit(now -> then.run()));
    }

    /** Background: as long as the database is where another will be made, nothing of the replica ends. */
    private CompletableFuture<Void> setAside() {
        try {
            directories.setAside(host.partition());
            services.loop().submit(now -> services.replicaWaits(host.partition(), null));
            return CompletableFuture.completedFuture(null);
        } catch (IOException | RuntimeException e) {
            String what = "its database cannot be kept aside: " + e + "; make that possible, until then it waits";
            LOG.error("{} {}: {}", services.node(), host.partition(), what, e);
            services.loop().submit(now -> services.replicaWaits(host.partition(), what));
            Executor later = CompletableFuture.delayedExecutor(PAUSE_SECONDS, TimeUnit.SECONDS, services.background());
            return CompletableFuture.runAsync(() -> {}, later).thenCompose(ignored -> setAside());
        }
    }

    /** Done when no start finds the log any more. */
    private CompletableFuture<Void> endLog() {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        services.loop().submit(now -> {
            services.log().dropReplica(host.partition());
            services.loop().afterDurable(() -> ended.complete(null));
        });
        return ended;
    }

    private void deleteDirectory() {
        try {
            directories.delete(host.partition());
        } catch (IOException e) {
            LOG.error("cannot remove the directory of {} on {}", host.partition(), services.node(), e);
        }
    }

    /**
     * Loop: the same for a replica whose log was found damaged at the start: its database is kept aside already. What can be
     * read of the log is set aside if any of it may have been committed by a leader alone; nobody knows how much of it
     * others have.
     *
     * @param then runs on the loop when the log has ended
     */
    static void ofDamaged(PartitionLog log, ReplicaGroup group, HostServices services, Runnable then) {
        PartitionId partition = log.partition();
        LogIndex first = log.readableFrom(LogIndex.NONE);
        LogIndex after = first != null && mayBeOf(group.asyncThrough(), partition, first, services)
                ? new LogIndex(first.position() - 1)
                : null;
        new DiscardedTail(services, partition).setAside(group.term(), after, () -> {
            services.log().dropReplica(partition);
            services.loop().afterDurable(then);
        });
    }

    private static boolean mayBeOf(Term term, PartitionId partition, LogIndex first, HostServices services) {
        try {
            LogEntry entry = services.log().entries(partition, first, 1).get(0);
            return !term.isBefore(entry.term());
        } catch (DamagedEntryException e) {
            return true; // it has become worse since
        }
    }

    /** Background: ends the duties of a closed host, and closes its database. */
    static void closeQuietly(PartitionHost host) {
        try {
            host.duties().stepDown();
            if (!host.storage().isClosed()) { // else it was stuck: what it stored last stays as it is
                host.storage().close();
            }
        } catch (RuntimeException | Error e) {
            LOG.warn("the database of {} did not close in good order", host.partition(), e);
        }
    }
}
