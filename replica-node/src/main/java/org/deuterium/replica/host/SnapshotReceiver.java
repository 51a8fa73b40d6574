package org.deuterium.replica.host;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes snapshots in: asks for one piece after the other, and puts the whole in the place of the replica's database. A
 * transfer that stops half way is simply replaced by the next offer.
 */
final class SnapshotReceiver {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotReceiver.class);

    private final HostServices services;
    private final ReplicaDirectories directories;
    private final Map<PartitionId, Arrival> arrivals = new ConcurrentHashMap<>();

    /** One snapshot on its way here; its pieces come one at a time. */
    private static final class Arrival {
        final PartitionHost host;
        final NodeId from;
        final SnapshotOffer offer;
        final Path file;
        long received;

        Arrival(PartitionHost host, NodeId from, SnapshotOffer offer, Path file) {
            this.host = host;
            this.from = from;
            this.offer = offer;
            this.file = file;
        }
    }

    SnapshotReceiver(HostServices services, ReplicaDirectories directories) {
        this.services = services;
        this.directories = directories;
    }

    /** Loop. */
    void onOffer(@Nullable PartitionHost host, NodeId from, SnapshotOffer offer) {
        if (host == null || !isWanted(host, offer)) {
            ask(from, offer, offer.bytes());
            return;
        }
        Path file =
                directories.snapshots().resolve(offer.partition() + "-" + Long.toHexString(offer.transfer()) + ".in");
        arrivals.put(offer.partition(), new Arrival(host, from, offer, file));
        LOG.info(
                "{}: takes a snapshot of {} at {} ({} bytes) from {}",
                services.node(),
                offer.partition(),
                offer.index(),
                offer.bytes(),
                from);
        ask(from, offer, 0);
    }

    private static boolean isWanted(PartitionHost host, SnapshotOffer offer) {
        return !host.isClosed()
                && !host.isInstalling()
                && host.core().wantsSnapshot(offer.term(), offer.index(), offer.termOfIndex());
    }

    private void ask(NodeId from, SnapshotOffer offer, long offset) {
        services.loop().peers().send(from, new SnapshotRequest(offer.partition(), offer.transfer(), offset));
    }

    /** Any thread. */
    void onChunk(NodeId from, SnapshotChunk chunk) {
        Arrival arrival = arrivals.get(chunk.partition());
        if (arrival != null && arrival.from.equals(from) && arrival.offer.transfer() == chunk.transfer()) {
            services.background().execute(() -> take(arrival, chunk));
        }
    }

    private void take(Arrival arrival, SnapshotChunk chunk) {
        synchronized (arrival) {
            if (chunk.offset() != arrival.received || chunk.bytes().length == 0) {
                return; // a piece that was asked for twice
            }
            try (FileChannel channel =
                    FileChannel.open(arrival.file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(chunk.bytes());
                while (bytes.hasRemaining()) {
                    arrival.received += channel.write(bytes, arrival.received);
                }
            } catch (IOException e) {
                LOG.error("{}: cannot write the snapshot {}", services.node(), arrival.file, e);
                arrivals.remove(chunk.partition(), arrival);
                return;
            }
            if (arrival.received < arrival.offer.bytes()) {
                ask(arrival.from, arrival.offer, arrival.received);
                return;
            }
        }
        services.loop().submit(now -> install(arrival));
    }

    /** Loop: everything is here. */
    private void install(Arrival arrival) {
        ask(arrival.from, arrival.offer, arrival.offer.bytes());
        arrivals.remove(arrival.offer.partition(), arrival);
        if (!isWanted(arrival.host, arrival.offer)) {
            services.background().execute(() -> deleteFile(arrival));
            return;
        }
        arrival.host.install(() -> replaceDatabase(arrival));
    }

    /** Applier of the partition: nothing is applied meanwhile. A read of a client that finds the database closed is answered by the leader. */
    private void replaceDatabase(Arrival arrival) {
        PartitionId partition = arrival.offer.partition();
        PartitionHost host = arrival.host;
        try {
            if (!unpackIfItHelps(arrival)) {
                services.loop().submit(host::notInstalled);
                return;
            }
            host.storage().close();
            directories.takeIncoming(partition);
            H2Storage storage = H2Storage.open(
                    directories.of(partition), services.settings().storage());
            host.replaceStorage(storage, arrival.offer.lastTimestamp());
            services.loop()
                    .submit(now -> host.installed(
                            storage.appliedIndex(), storage.appliedTerm(), arrival.offer.lastTimestamp(), now));
        } catch (IOException e) {
            throw new IllegalStateException("cannot put the snapshot of " + partition + " in place", e);
        }
    }

    /** What counts is what the database that arrived shows, not what was said about it. */
    private boolean unpackIfItHelps(Arrival arrival) throws IOException {
        Path incoming = directories.incoming(arrival.offer.partition());
        try (InputStream in = new BufferedInputStream(Files.newInputStream(arrival.file), 1 << 16)) {
            H2Storage.restoreSnapshot(in, incoming);
        }
        deleteFile(arrival);
        try (H2Storage opened = H2Storage.open(incoming, services.settings().storage())) {
            if (!opened.appliedIndex().equals(arrival.offer.index())) {
                LOG.warn(
                        "{}: the snapshot of {} shows {}, it was offered as {}",
                        services.node(),
                        arrival.offer.partition(),
                        opened.appliedIndex(),
                        arrival.offer.index());
            }
            return arrival.host.core().wantsSnapshot(arrival.offer.term(), opened.appliedIndex(), opened.appliedTerm());
        }
    }

    private static void deleteFile(Arrival arrival) {
        try {
            Files.deleteIfExists(arrival.file);
        } catch (IOException e) {
            LOG.warn("cannot delete the snapshot {}", arrival.file, e);
        }
    }
}
