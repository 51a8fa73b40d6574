package org.deuterium.replica.host;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.zip.ZipException;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.StorageFailedException;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.deuterium.wire.replication.SnapshotRequest.Step;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots in: asks for one piece after the other, and puts the whole in the place of the replica's database. What
 * has come of a transfer that broke, or was cut short by a restart of either process, still counts when the same snapshot
 * is offered again. Belongs to the node loop, but for the methods that say otherwise.
 */
final class SnapshotReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotReceiver.class);
    private static final int ASKS_A_TIMEOUT = 6;

    private final HostServices services;
    private final ReplicaDirectories directories;
    private final DiskReserve reserve;
    private final Map<PartitionId, SnapshotArrival> arrivals = new HashMap<>();
    private final Map<PartitionId, NoRoom> noRoom = new HashMap<>();

    /** Why a snapshot is not taken in, and until when it is not tried again. */
    private record NoRoom(String why, long untilMillis) {}

    SnapshotReceiver(HostServices services, ReplicaDirectories directories, DiskReserve reserve) {
        this.services = services;
        this.directories = directories;
        this.reserve = reserve;
    }

    void onOffer(@Nullable PartitionHost host, NodeId from, SnapshotOffer offer, long nowMillis) {
        SnapshotArrival known = arrivals.get(offer.partition());
        if (known != null && host != null && known.isOf(host, offer)) {
            known.from = from;
            known.offer = offer;
            known.heardMillis = nowMillis;
            ask(known, nowMillis);
        } else if (host == null || !host.wantsSnapshot(offer)) {
            answer(from, offer, Step.END, 0);
        } else if ((known == null || !known.placing) && !waitsForRoom(offer.partition(), nowMillis)) {
            begin(host, from, offer, nowMillis);
        }
    }

    private void begin(PartitionHost host, NodeId from, SnapshotOffer offer, long nowMillis) {
        SnapshotFile file = fileOf(offer.partition());
        SnapshotArrival arrival = new SnapshotArrival(host, from, offer, file, nowMillis);
        arrivals.put(offer.partition(), arrival);
        services.background().execute(() -> {
            try {
                SnapshotOffer before = file.described();
                long here = 0;
                if (before != null && isSame(before, offer)) {
                    here = Math.min(file.bytes(), offer.bytes());
                } else {
                    file.delete();
                }
                file.expect(offer);
                long start = here;
                services.loop().submit(now -> begun(arrival, start, now));
            } catch (IOException | RuntimeException | Error e) {
                services.loop().submit(now -> giveUp(arrival, e, now));
            }
        });
    }

    private boolean waitsForRoom(PartitionId partition, long nowMillis) {
        NoRoom missing = noRoom.get(partition);
        return missing != null && nowMillis < missing.untilMillis();
    }

    private SnapshotFile fileOf(PartitionId partition) {
        return new SnapshotFile(directories.snapshots().resolve(partition + ".in"), reserve);
    }

    private static boolean isSame(SnapshotOffer one, SnapshotOffer other) {
        return one.transfer() == other.transfer() && one.bytes() == other.bytes() && one.checksum() == other.checksum();
    }

    private void begun(SnapshotArrival arrival, long start, long nowMillis) {
        LOG.info(
                "{}: takes a snapshot of {} at {} ({} bytes) from {}, from byte {} on",
                services.node(),
                arrival.offer.partition(),
                arrival.offer.index(),
                arrival.offer.bytes(),
                arrival.from,
                start);
        arrival.startAt(start, nowMillis);
        goOn(arrival, nowMillis);
    }

    private boolean isCurrent(SnapshotArrival arrival) {
        return arrivals.get(arrival.offer.partition()) == arrival;
    }

    private void goOn(SnapshotArrival arrival, long nowMillis) {
        if (!isCurrent(arrival)) {
            return;
        }
        if (arrival.isWorthALine()) {
            LOG.info("{} {}: {}", services.node(), arrival.offer.partition(), arrival.progress(nowMillis));
        }
        if (arrival.received >= arrival.offer.bytes()) {
            place(arrival);
        }
        ask(arrival, nowMillis);
    }

    private void place(SnapshotArrival arrival) {
        arrival.againMillis = 0;
        arrival.placing = true;
        services.background().execute(() -> unpack(arrival));
    }

    private void ask(SnapshotArrival arrival, long nowMillis) {
        if (arrival.againMillis > 0) {
            return; // its leader helps others meanwhile, and offers it again
        }
        if (arrival.placing) {
            answer(arrival.from, arrival.offer, Step.BUSY, arrival.received);
        } else if (!arrival.writing) {
            answer(arrival.from, arrival.offer, Step.PIECE, arrival.received);
        }
        arrival.askedMillis = nowMillis;
    }

    private void answer(NodeId to, SnapshotOffer offer, Step step, long offset) {
        services.loop().peers().send(to, new SnapshotRequest(offer.partition(), offer.transfer(), step, offset));
    }

    void onChunk(NodeId from, SnapshotChunk chunk, long nowMillis) {
        SnapshotArrival arrival = arrivals.get(chunk.partition());
        if (arrival == null
                || !arrival.from.equals(from)
                || arrival.offer.transfer() != chunk.transfer()
                || arrival.writing
                || arrival.placing
                || arrival.againMillis > 0
                || chunk.offset() != arrival.received) {
            return; // a piece that was asked for twice, or of a transfer given up
        }
        arrival.heardMillis = nowMillis;
        byte[] bytes = chunk.bytes();
        if (bytes.length == 0 || SnapshotFile.checksum(bytes, bytes.length) != chunk.checksum()) {
            LOG.warn("{}: a piece of the snapshot of {} is damaged; asked again", services.node(), chunk.partition());
            ask(arrival, nowMillis);
            return;
        }
        arrival.writing = true;
        services.background().execute(() -> {
            try {
                arrival.file.write(chunk.offset(), bytes);
                services.loop().submit(now -> {
                    arrival.writing = false;
                    arrival.received += bytes.length;
                    goOn(arrival, now);
                });
            } catch (IOException | RuntimeException | Error e) {
                services.loop().submit(now -> giveUp(arrival, e, now));
            }
        });
    }

    /** What came is kept. Without room for the rest, nothing is tried for a while. */
    private void giveUp(SnapshotArrival arrival, Throwable cause, long nowMillis) {
        PartitionId partition = arrival.offer.partition();
        DiskReserve.NoRoomException missing = DiskReserve.in(cause);
        if (missing == null) {
            LOG.error("{}: cannot write the snapshot {}", services.node(), arrival.file.data(), cause);
        } else {
            String why = String.valueOf(missing.getMessage());
            LOG.error("{}: the snapshot of {} waits: {}", services.node(), partition, why);
            noRoom.put(
                    partition, new NoRoom(why, nowMillis + services.settings().snapshotTimeoutMillis()));
        }
        arrivals.remove(partition, arrival);
    }

    /** Asks again when nothing comes, and gives up what nobody sends any more; its file stays. */
    void onTick(long nowMillis) {
        long timeout = services.settings().snapshotTimeoutMillis();
        for (SnapshotArrival arrival : List.copyOf(arrivals.values())) {
            PartitionId partition = arrival.offer.partition();
            if (arrival.host.isClosed()) {
                arrivals.remove(partition, arrival);
            } else if (arrival.installing && !arrival.host.isInstalling()) {
                done(arrival); // it failed: the replica asks for another one
            } else if (arrival.againMillis > 0 && nowMillis >= arrival.againMillis) {
                place(arrival);
            } else if (!arrival.placing && arrival.againMillis == 0 && nowMillis - arrival.heardMillis > timeout) {
                LOG.warn(
                        "{}: {} sends no more of the snapshot of {}; what came is kept",
                        services.node(),
                        arrival.from,
                        partition);
                arrivals.remove(partition, arrival);
            } else if (nowMillis - arrival.askedMillis > timeout / ASKS_A_TIMEOUT) {
                ask(arrival, nowMillis);
            }
        }
    }

    /** How the snapshot of a partition goes, in words; null if none is on its way. */
    @Nullable
    String progress(PartitionId partition, long nowMillis) {
        SnapshotArrival arrival = arrivals.get(partition);
        if (arrival != null) {
            return arrival.progress(nowMillis);
        }
        NoRoom missing = noRoom.get(partition);
        return missing == null || nowMillis > missing.untilMillis() ? null : "SNAPSHOT waits: " + missing.why();
    }

    /** The replica is no longer wanted here. */
    void forget(PartitionId partition) {
        arrivals.remove(partition);
        noRoom.remove(partition);
        services.background().execute(() -> deleteFile(fileOf(partition)));
    }

    /** Background: what counts is what the database that arrived shows, not what was said about it. */
    private void unpack(SnapshotArrival arrival) {
        Path incoming = directories.incoming(arrival.offer.partition());
        try {
            if (arrival.file.checksum() != arrival.offer.checksum()) {
                throw new StorageFailedException("its checksum is not the one it was offered with");
            }
            try (InputStream file = new BufferedInputStream(Files.newInputStream(arrival.file.data()), 1 << 16)) {
                H2Storage.restoreSnapshot(reserve.guard(file, directories.snapshots()), incoming);
            }
            try (H2Storage opened = H2Storage.open(incoming, services.settings().storage())) {
                if (!opened.appliedIndex().equals(arrival.offer.index())) {
                    throw new StorageFailedException("it shows " + opened.appliedIndex());
                }
            }
            services.loop().submit(now -> install(arrival));
        } catch (IOException | RuntimeException | Error e) {
            if (DiskReserve.in(e) != null) {
                deleteIncoming(incoming);
                services.loop().submit(now -> giveUp(arrival, e, now));
                return;
            }
            // H2 throws its own when a disk is full, and nobody else would hear of it
            boolean here = isOfThisNode(e);
            LOG.error(
                    "{}: the snapshot of {} at {} {}",
                    services.node(),
                    arrival.offer.partition(),
                    arrival.offer.index(),
                    here ? "cannot be put in place; tried again soon" : "is of no use; another one is asked for",
                    e);
            if (here) {
                services.loop().submit(now -> arrival.waitAfter(e, now));
                return;
            }
            deleteFile(arrival.file);
            services.loop().submit(now -> {
                arrivals.remove(arrival.offer.partition(), arrival);
                answer(arrival.from, arrival.offer, Step.DAMAGED, 0);
            });
        }
    }

    private static void deleteIncoming(Path incoming) {
        try {
            ReplicaDirectories.deleteTree(incoming);
        } catch (IOException e) {
            LOG.warn("cannot delete {}", incoming, e);
        }
    }

    /** True if another snapshot would fare no better: no memory, a file that cannot be written. */
    private static boolean isOfThisNode(Throwable failure) {
        if (failure instanceof Error) {
            return true;
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException && !(cause instanceof ZipException)) {
                return true;
            }
        }
        return false;
    }

    private void install(SnapshotArrival arrival) {
        if (!isCurrent(arrival) || !arrival.host.wantsSnapshot(arrival.offer)) {
            done(arrival);
            return;
        }
        CompletableFuture<Void> released = arrival.host.databaseReleased();
        if (released.isDone()) {
            arrival.installing = true;
            arrival.host.install(arrival.offer, () -> replaceDatabase(arrival));
        } else {
            released.thenRun(() -> services.loop().submit(now -> install(arrival)));
        }
    }

    /**
     * Applier of the partition: nothing is applied meanwhile. A read of a client that finds the database closed is
     * answered by the leader.
     */
    private void replaceDatabase(SnapshotArrival arrival) {
        PartitionId partition = arrival.offer.partition();
        PartitionHost host = arrival.host;
        try {
            host.storage().abandon();
            directories.takeIncoming(partition);
            H2Storage storage = H2Storage.open(
                    directories.of(partition), services.settings().storage());
            host.replaceStorage(storage, arrival.offer.lastTimestamp());
            services.loop().submit(now -> {
                LOG.info(
                        "{}: the snapshot of {} at {} is in place", services.node(), partition, storage.appliedIndex());
                host.installed(storage.appliedIndex(), storage.appliedTerm(), arrival.offer.lastTimestamp(), now);
                done(arrival);
            });
        } catch (IOException e) {
            throw new IllegalStateException("cannot put the snapshot of " + partition + " in place", e);
        }
    }

    private void done(SnapshotArrival arrival) {
        arrivals.remove(arrival.offer.partition(), arrival);
        answer(arrival.from, arrival.offer, Step.END, arrival.offer.bytes());
        services.background().execute(() -> deleteFile(arrival.file));
    }

    private static void deleteFile(SnapshotFile file) {
        try {
            file.delete();
        } catch (IOException e) {
            LOG.warn("cannot delete the snapshot {}", file.data(), e);
        }
    }
}
