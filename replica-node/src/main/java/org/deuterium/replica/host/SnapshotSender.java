package org.deuterium.replica.host;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import org.deuterium.replica.storage.SnapshotPosition;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.replication.SnapshotChunk;
import org.deuterium.wire.replication.SnapshotOffer;
import org.deuterium.wire.replication.SnapshotRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings snapshots of this node's replicas to followers the log cannot help any more. A snapshot is written to a file
 * once, offered, and sent piece by piece as the follower asks: it sets the pace. Belongs to the node loop.
 */
final class SnapshotSender {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotSender.class);

    private final HostServices services;
    private final Path directory;
    private final Map<Long, Transfer> transfers = new HashMap<>();
    private long lastTransfer = System.nanoTime();

    /** One snapshot on its way. */
    private static final class Transfer {
        final PartitionHost host;
        final NodeId follower;
        final Path file;
        long bytes = -1;
        long heardMillis;

        Transfer(PartitionHost host, NodeId follower, Path file, long nowMillis) {
            this.host = host;
            this.follower = follower;
            this.file = file;
            this.heardMillis = nowMillis;
        }

        boolean isFor(PartitionId partition, NodeId node) {
            return host.partition().equals(partition) && follower.equals(node);
        }
    }

    SnapshotSender(HostServices services, Path directory) {
        this.services = services;
        this.directory = directory;
    }

    void send(PartitionHost host, NodeId follower) {
        for (Transfer transfer : transfers.values()) {
            if (transfer.isFor(host.partition(), follower)) {
                return;
            }
        }
        long number = ++lastTransfer;
        Path file = directory.resolve(host.partition() + "-" + Long.toHexString(number) + ".out");
        Transfer transfer = new Transfer(host, follower, file, services.loop().nowMillis());
        transfers.put(number, transfer);
        LOG.info("{}: writes a snapshot of {} for {}", services.node(), host.partition(), follower);
        services.background().execute(() -> write(number, transfer));
    }

    private void write(long number, Transfer transfer) {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(transfer.file), 1 << 16)) {
            SnapshotPosition position = transfer.host.storage().writeSnapshot(out);
            out.close();
            long bytes = Files.size(transfer.file);
            services.loop().submit(now -> offer(number, transfer, position, bytes, now));
        } catch (IOException | RuntimeException e) {
            LOG.error("{}: cannot write a snapshot of {}", services.node(), transfer.host.partition(), e);
            services.loop().submit(now -> end(number, now));
        }
    }

    private void offer(long number, Transfer transfer, SnapshotPosition position, long bytes, long nowMillis) {
        PartitionHost host = transfer.host;
        if (host.isClosed() || !host.core().isLeader()) {
            end(number, nowMillis);
            return;
        }
        transfer.bytes = bytes;
        transfer.heardMillis = nowMillis;
        services.loop()
                .peers()
                .send(
                        transfer.follower,
                        new SnapshotOffer(
                                host.partition(),
                                host.core().term(),
                                number,
                                position.index(),
                                position.term(),
                                host.core().lastTimestamp(),
                                bytes));
    }

    void onRequest(NodeId from, SnapshotRequest request, long nowMillis) {
        Transfer transfer = transfers.get(request.transfer());
        if (transfer == null || !transfer.isFor(request.partition(), from)) {
            return;
        }
        transfer.heardMillis = nowMillis;
        if (request.offset() >= transfer.bytes) {
            end(request.transfer(), nowMillis);
            return;
        }
        services.background().execute(() -> {
            try {
                byte[] bytes = read(transfer.file, request.offset());
                services.loop()
                        .peers()
                        .send(
                                from,
                                new SnapshotChunk(request.partition(), request.transfer(), request.offset(), bytes));
            } catch (IOException e) {
                LOG.error("{}: cannot read the snapshot {}", services.node(), transfer.file, e);
                services.loop().submit(now -> end(request.transfer(), now));
            }
        });
    }

    private byte[] read(Path file, long offset) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(services.settings().snapshotChunkBytes());
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) > 0) {}
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    /** Gives up transfers nobody asks on. */
    void onTick(long nowMillis) {
        for (Iterator<Map.Entry<Long, Transfer>> it = transfers.entrySet().iterator(); it.hasNext(); ) {
            Transfer transfer = it.next().getValue();
            if (transfer.bytes >= 0
                    && nowMillis - transfer.heardMillis > services.settings().snapshotTimeoutMillis()) {
                it.remove();
                finish(transfer, nowMillis);
            }
        }
    }

    private void end(long number, long nowMillis) {
        Transfer transfer = transfers.remove(number);
        if (transfer != null) {
            finish(transfer, nowMillis);
        }
    }

    private void finish(Transfer transfer, long nowMillis) {
        services.background().execute(() -> {
            try {
                Files.deleteIfExists(transfer.file);
            } catch (IOException e) {
                LOG.warn("cannot delete the snapshot {}", transfer.file, e);
            }
        });
        transfer.host.onSnapshotSent(transfer.follower, nowMillis);
    }
}
