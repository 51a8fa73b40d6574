package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;

/** What the tests of the log share: small entries, and hands that damage files. */
final class LogFixture {

    static final PartitionId P0 = new PartitionId(0);
    static final PartitionId P1 = new PartitionId(1);
    static final LogSettings SMALL = new LogSettings(4096, 1024);

    private LogFixture() {}

    static ReplicationLog open(Path directory) throws IOException {
        return open(directory, SMALL);
    }

    static ReplicationLog open(Path directory, LogSettings settings) throws IOException {
        return ReplicationLog.open(directory, settings, cause -> {
            throw new AssertionError("the log failed", cause);
        });
    }

    static StorageId storage(int number) {
        return new StorageId("storage-" + number);
    }

    /** A log of partition 0 with so many batches of one entry, closed in good order. */
    static void writeBatches(Path directory, int count) throws IOException {
        try (ReplicationLog log = open(directory)) {
            log.createReplica(P0, storage(0));
            for (int i = 1; i <= count; i++) {
                log.append(P0, entry(1, i, 64));
                log.sync();
            }
        }
    }

    static LogEntry entry(long term, long index, int bytes) {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = (byte) (index * 31 + term + i);
        }
        return new LogEntry(
                new Term(term),
                new LogIndex(index),
                new Timestamp(index),
                new TransactionId(7, index),
                EntryKind.ROWS,
                payload);
    }

    static List<Path> segments(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().matches("segment-.*\\.log"))
                    .sorted()
                    .toList();
        }
    }

    /** What a process leaves that is killed as soon as its last batch is written: nothing proves that there was one. */
    static void killedAtItsLastBatch(Path directory) throws IOException {
        Files.delete(directory.resolve(ProvenEnd.FILE));
    }

    /** Flips one bit of a file. */
    static void flipBit(Path file, long offset) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, offset);
            one.put(0, (byte) (one.get(0) ^ 4)).rewind();
            channel.write(one, offset);
        }
    }

    /** Overwrites a range of a file with zeros, as a write that never reached the disk leaves it. */
    static void zero(Path file, long from, long to) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate((int) (to - from)), from);
        }
    }

    /** Where each batch of a segment starts; the last element is the end of the last batch. */
    static long[] batchOffsets(Path file) throws Exception {
        try (LogSegment segment = LogSegment.open(file, LogSegment.ChannelOpener.READ_AND_WRITE)) {
            byte[] content = segment.readAll();
            Stream.Builder<Long> offsets = Stream.builder();
            long at = LogSegment.HEADER_BYTES;
            offsets.add(at);
            while (at < content.length) {
                BatchFormat.Header header = BatchFormat.header(content, (int) at, segment.salt());
                if (header == null) {
                    break;
                }
                at += header.totalBytes();
                offsets.add(at);
            }
            return offsets.build().mapToLong(Long::longValue).toArray();
        }
    }
}
