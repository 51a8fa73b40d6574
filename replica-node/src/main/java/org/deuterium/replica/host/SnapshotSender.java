package org.deuterium.replica.host;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.storage.SnapshotPosition;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings snapshots of this node's replicas to followers the log cannot help any more. A snapshot is written to a file
 * once, offered, and sent piece by piece as the follower asks, at a bounded pace. The file stands for a while, also over
 * a restart of this process, so that a transfer that broke goes on where it stopped. Belongs to the node loop.
 */
final class SnapshotSender {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSender.class);
    private static final String ENDING = ".out";
    private static final int OFFERS_A_TIMEOUT = 10;
    private static final int TIMEOUTS_KEPT = 10;

    private final HostServices services;
    private final Path directory;
    private final Pace pace;
    private final DiskReserve reserve;
    private final SecureRandom numbers = new SecureRandom();
    private final Map<PartitionId, Standing> standing = new HashMap<>();

    /** A snapshot that stands in a file, or is being written to it, and who reads it. */
    private static final class Standing {
        final SnapshotFile file;
        final Map<NodeId, Reader> readers = new HashMap<>();

        /** Those who have it in place, and when: the log after it is kept until they are in sync, but not for ever. */
        final Map<NodeId, Long> catchingUp = new HashMap<>();

        final long begunMillis;

        /** What it is going to show is not before this index. */
        final long after;

        /** Null while it is being written. */
        @Nullable
        SnapshotOffer offer;

        long usedMillis;

        /** There was no room to write it; it is given up then, and asked for again. 0 if there was. */
        long waitsUntilMillis;

        Standing(SnapshotFile file, long after, long nowMillis) {
            this.file = file;
            this.after = after;
            this.begunMillis = nowMillis;
            this.usedMillis = nowMillis;
        }
    }

    /** A follower that takes a snapshot. */
    private static final class Reader {
        long heardMillis;
        long offeredMillis;
        long serving = -1;

        Reader(long nowMillis) {
            heardMillis = nowMillis;
        }
    }

    SnapshotSender(HostServices services, Path directory, Pace pace, DiskReserve reserve) throws IOException {
        this.services = services;
        this.directory = directory;
        this.pace = pace;
        this.reserve = reserve;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + ENDING)) {
            for (Path path : files) {
                SnapshotFile file = new SnapshotFile(path, reserve);
                SnapshotOffer offer = file.described();
                if (offer == null || file.bytes() != offer.bytes() || standing.containsKey(offer.partition())) {
                    file.delete();
                } else {
                    Standing found = new Standing(
                            file, offer.index().position(), services.loop().nowMillis());
                    found.offer = offer;
                    standing.put(offer.partition(), found);
                }
            }
        }
    }

    void send(PartitionHost host, NodeId follower) {
        long now = services.loop().nowMillis();
        PartitionId partition = host.partition();
        Standing known = standing.get(partition);
        if (known != null && !stillHelps(known)) {
            discard(partition, known);
            known = null;
        }
        if (known == null && host.stuckWords() != null) {
            return; // it has no database to be written; whoever leads next is asked
        }
        if (known == null) {
            known = write(host, now);
        }
        Reader reader = known.readers.computeIfAbsent(follower, node -> new Reader(now));
        reader.heardMillis = now;
        offer(known, follower, reader, now);
    }

    /** The log still has what comes after it, and is the log it was made of: under ASYNC another may have replaced that. */
    private boolean stillHelps(Standing known) {
        SnapshotOffer offer = known.offer;
        if (offer == null) {
            return true;
        }
        PartitionLog log = services.log().partition(offer.partition());
        return log != null
                && log.firstIndex().position() <= offer.index().position() + 1
                && !offer.index().isAfter(log.lastIndex())
                && offer.termOfIndex().equals(log.termAt(offer.index()));
    }

    private Standing write(PartitionHost host, long nowMillis) {
        long number = numbers.nextLong();
        PartitionId partition = host.partition();
        SnapshotFile file =
                new SnapshotFile(directory.resolve(partition + "-" + Long.toHexString(number) + ENDING), reserve);
        Standing fresh = new Standing(file, host.core().appliedIndex().position(), nowMillis);
        standing.put(partition, fresh);
        LOG.info("{}: writes a snapshot of {}", services.node(), partition);
        services.background().execute(() -> {
            try (SnapshotFile.Filling filling = file.fill(pace)) {
                OutputStream out = new BufferedOutputStream(filling, 1 << 16);
                SnapshotPosition position = host.storage().writeSnapshot(out);
                out.flush();
                filling.close();
                services.loop()
                        .submit(now -> written(host, fresh, number, position, filling.bytes(), filling.checksum()));
            } catch (IOException | RuntimeException | Error e) {
                cannotWrite(partition, fresh, e);
            }
        });
        return fresh;
    }

    /** Background. Without room for it the followers wait: the log needs what is left. */
    private void cannotWrite(PartitionId partition, Standing fresh, Throwable cause) {
        DiskReserve.NoRoomException noRoom = DiskReserve.in(cause);
        if (noRoom == null) {
            LOG.error("{}: cannot write a snapshot of {}", services.node(), partition, cause);
            services.loop().submit(now -> discard(partition, fresh));
            return;
        }
        LOG.error("{}: no snapshot of {}: {}", services.node(), partition, noRoom.getMessage());
        try {
            fresh.file.delete();
        } catch (IOException e) {
            LOG.warn("cannot delete the snapshot {}", fresh.file.data(), e);
        }
        long pause = services.settings().snapshotTimeoutMillis();
        services.loop().submit(now -> fresh.waitsUntilMillis = now + pause);
    }

    private void written(
            PartitionHost host, Standing fresh, long number, SnapshotPosition position, long bytes, int checksum) {
        SnapshotOffer offer = new SnapshotOffer(
                host.partition(),
                host.core().term(),
                number,
                position.index(),
                position.term(),
                host.core().lastTimestamp(),
                bytes,
                checksum);
        LOG.info("{}: the snapshot of {} at {} has {} bytes", services.node(), host.partition(), offer.index(), bytes);
        services.background().execute(() -> {
            try {
                fresh.file.describe(offer);
                services.loop().submit(now -> offerToAll(fresh, offer, now));
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("{}: cannot describe the snapshot {}", services.node(), fresh.file.data(), e);
                services.loop().submit(now -> discard(host.partition(), fresh));
            }
        });
    }

    private void offerToAll(Standing fresh, SnapshotOffer offer, long nowMillis) {
        fresh.offer = offer;
        fresh.usedMillis = nowMillis;
        fresh.readers.forEach((follower, reader) -> {
            reader.heardMillis = nowMillis;
            offer(fresh, follower, reader, nowMillis);
        });
    }

    /** In the term led now: the snapshot may have been written in an earlier one, but what is committed stays so. */
    private void offer(Standing known, NodeId follower, Reader reader, long nowMillis) {
        SnapshotOffer offer = known.offer;
        PartitionHost host = offer == null ? null : services.host(offer.partition());
        if (offer == null || host == null || host.isClosed() || !host.core().isLeader()) {
            return;
        }
        reader.offeredMillis = nowMillis;
        services.loop()
                .peers()
                .send(
                        follower,
                        new SnapshotOffer(
                                offer.partition(),
                                host.core().term(),
                                offer.transfer(),
                                offer.index(),
                                offer.termOfIndex(),
                                offer.lastTimestamp(),
                                offer.bytes(),
                                offer.checksum()));
    }

    /**
     * A stuck follower wants a database that shows this entry. One is helped at a time, by a leader that serves: whatever
     * they fail on, there is always one more database than there are being replaced. Who is not helped asks again.
     */
    private void onWanted(NodeId from, SnapshotRequest request) {
        PartitionHost host = services.host(request.partition());
        Standing known = standing.get(request.partition());
        if (host == null || host.servingTerm() == null || (known != null && !known.readers.isEmpty())) {
            return;
        }
        if (known != null && known.offer != null && known.offer.index().position() < request.offset()) {
            discard(request.partition(), known);
        }
        send(host, from);
    }

    void onRequest(NodeId from, SnapshotRequest request, long nowMillis) {
        if (request.step() == SnapshotRequest.Step.WANTED) {
            onWanted(from, request);
            return;
        }
        Standing known = standing.get(request.partition());
        SnapshotOffer offer = known == null ? null : known.offer;
        if (known == null || offer == null || offer.transfer() != request.transfer()) {
            return;
        }
        known.usedMillis = nowMillis;
        Reader reader = known.readers.computeIfAbsent(from, node -> new Reader(nowMillis));
        reader.heardMillis = nowMillis;
        switch (request.step()) {
            case PIECE -> serve(known, offer, from, reader, request.offset());
            case BUSY, WANTED -> {}
            case END -> {
                if (request.offset() == 0 && known.readers.size() == 1) {
                    discard(request.partition(), known); // of no use as it is: the next one is made anew
                } else {
                    known.catchingUp.put(from, nowMillis);
                    end(known, offer.partition(), from);
                }
            }
            case DAMAGED -> {
                LOG.warn("{}: {} says that the snapshot {} is damaged", services.node(), from, known.file.data());
                discard(request.partition(), known);
            }
        }
    }

    private void serve(Standing known, SnapshotOffer offer, NodeId to, Reader reader, long offset) {
        int length = (int) Math.min(services.settings().snapshotChunkBytes(), offer.bytes() - offset);
        if (length <= 0 || reader.serving == offset) {
            return; // nothing is left, or it was asked twice
        }
        reader.serving = offset;
        services.background().execute(() -> {
            try {
                pace.pass(length);
                byte[] bytes = known.file.read(offset, length);
                services.loop().submit(now -> reader.serving = -1);
                services.loop()
                        .peers()
                        .send(
                                to,
                                new SnapshotChunk(
                                        offer.partition(),
                                        offer.transfer(),
                                        offset,
                                        SnapshotFile.checksum(bytes, length),
                                        bytes));
            } catch (IOException | RuntimeException | Error e) {
                LOG.error("{}: cannot read the snapshot {}", services.node(), known.file.data(), e);
                services.loop().submit(now -> discard(offer.partition(), known));
            }
        });
    }

    /** Offers again to those who fell silent, then gives them up; deletes what nobody has read for long. */
    void onTick(long nowMillis) {
        long timeout = services.settings().snapshotTimeoutMillis();
        for (Map.Entry<PartitionId, Standing> entry : List.copyOf(standing.entrySet())) {
            Standing known = entry.getValue();
            if (known.offer == null) {
                if (known.waitsUntilMillis > 0 && nowMillis >= known.waitsUntilMillis) {
                    discard(entry.getKey(), known);
                }
                continue;
            }
            for (Map.Entry<NodeId, Reader> reading : List.copyOf(known.readers.entrySet())) {
                Reader reader = reading.getValue();
                if (nowMillis - reader.heardMillis > timeout) {
                    end(known, entry.getKey(), reading.getKey());
                } else if (nowMillis - Math.max(reader.heardMillis, reader.offeredMillis)
                        > timeout / OFFERS_A_TIMEOUT) {
                    offer(known, reading.getKey(), reader, nowMillis);
                }
            }
            known.catchingUp
                    .entrySet()
                    .removeIf(caught -> isOver(known, caught.getKey(), caught.getValue(), nowMillis));
            boolean used = !known.readers.isEmpty()
                    || !known.catchingUp.isEmpty()
                    || nowMillis - known.usedMillis <= TIMEOUTS_KEPT * timeout;
            if (!used || !stillHelps(known)) {
                discard(entry.getKey(), known); // who reads it gets another one, and not only at its end
            }
        }
    }

    /** The follower has caught up, or has had as long for it as all before took, or this node leads no more. */
    private boolean isOver(Standing known, NodeId follower, long sinceMillis, long nowMillis) {
        SnapshotOffer offer = known.offer;
        PartitionHost host = offer == null ? null : services.host(offer.partition());
        ReplicaGroup group =
                host == null || !host.core().isLeader() ? null : host.core().group();
        long granted =
                Math.max(TIMEOUTS_KEPT * services.settings().snapshotTimeoutMillis(), sinceMillis - known.begunMillis);
        return group == null || group.inSync().contains(follower) || nowMillis - sinceMillis > granted;
    }

    /**
     * The log is not to be cut after this index while followers take the snapshot of it or catch up from there; null: no
     * snapshot needs it.
     */
    @Nullable
    Long neededAfter(PartitionId partition) {
        Standing known = standing.get(partition);
        if (known == null || (known.readers.isEmpty() && known.catchingUp.isEmpty())) {
            return null;
        }
        if (known.waitsUntilMillis > 0) {
            return null; // there is none, for want of room, and a longer log would need more of it
        }
        return known.offer == null ? known.after : known.offer.index().position();
    }

    private void end(Standing known, PartitionId partition, NodeId follower) {
        known.readers.remove(follower);
        services.loop()
                .submit(
                        now -> { // not at once: the core may be in the middle of asking for one
                            PartitionHost host = services.host(partition);
                            if (host != null) {
                                host.onSnapshotSent(follower, now);
                            }
                        });
    }

    private void discard(PartitionId partition, Standing known) {
        standing.remove(partition, known);
        services.background().execute(() -> {
            try {
                known.file.delete();
            } catch (IOException e) {
                LOG.warn("cannot delete the snapshot {}", known.file.data(), e);
            }
        });
        for (NodeId follower : List.copyOf(known.readers.keySet())) {
            end(known, partition, follower);
        }
    }
}
