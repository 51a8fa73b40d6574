package org.deuterium.replica.host;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.SnapshotOffer;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot in a file, and beside it ({@code .offer}) what it is: sent or arriving, it can so be gone on with after a
 * restart. Written with a sync every few megabytes, because one great sync would hold up the log's small ones.
 */
final class SnapshotFile {

    private static final String OFFER = ".offer";
    private static final long SYNC_BYTES = DiskReserve.LOOK_EVERY_BYTES;
    private static final int READ_BYTES = 1 << 18;

    private final Path data;
    private final DiskReserve reserve;
    private long unsynced;

    /** @param reserve what is left free on its disk; see {@link DiskReserve.NoRoomException} */
    SnapshotFile(Path data, DiskReserve reserve) {
        this.data = data;
        this.reserve = reserve;
    }

    private void requireRoom() throws IOException {
        reserve.require(data.toAbsolutePath().resolveSibling(""));
    }

    Path data() {
        return data;
    }

    /** Says what is going to arrive in the file, if there is room to begin. */
    void expect(SnapshotOffer offer) throws IOException {
        requireRoom();
        describe(offer);
    }

    /** Says what the file is (going to be); durable when this returns. */
    void describe(SnapshotOffer offer) throws IOException {
        WireWriter out = new WireWriter();
        offer.encode(out);
        out.writeInt(checksum(out.array(), out.size()));
        Path fresh = beside(OFFER + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            writeFully(channel, out.toByteBuffer(), 0);
            channel.force(true);
        }
        Files.move(fresh, beside(OFFER), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What the file is, or null if there is none, or it was not described to the end. */
    @Nullable
    SnapshotOffer described() throws IOException {
        if (!Files.exists(beside(OFFER)) || !Files.exists(data)) {
            return null;
        }
        byte[] bytes = Files.readAllBytes(beside(OFFER));
        int end = bytes.length - Integer.BYTES;
        if (end < 0 || new WireReader(bytes, end, Integer.BYTES).readInt() != checksum(bytes, end)) {
            return null;
        }
        try {
            return SnapshotOffer.decode(new WireReader(bytes, 0, end));
        } catch (MalformedMessageException e) {
            return null; // of another version
        }
    }

    long bytes() throws IOException {
        return Files.exists(data) ? Files.size(data) : 0;
    }

    /** Writes a piece where it belongs. */
    void write(long offset, byte[] piece) throws IOException {
        if (unsynced == 0) {
            requireRoom();
        }
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            writeFully(channel, ByteBuffer.wrap(piece), offset);
            unsynced += piece.length;
            if (unsynced >= SYNC_BYTES) {
                channel.force(false);
                unsynced = 0;
            }
        }
    }

    byte[] read(long offset, int length) throws IOException {
        byte[] piece = new byte[length];
        ByteBuffer buffer = ByteBuffer.wrap(piece);
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ)) {
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + buffer.position()) < 0) {
                    throw new EOFException(data + " ends before byte " + (offset + length));
                }
            }
        }
        return piece;
    }

    /** CRC-32C of the whole file. */
    int checksum() throws IOException {
        CRC32C crc = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        try (FileChannel channel = FileChannel.open(data, StandardOpenOption.READ)) {
            while (channel.read(buffer.clear()) >= 0) {
                crc.update(buffer.flip());
            }
        }
        return (int) crc.getValue();
    }

    static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }

    void delete() throws IOException {
        Files.deleteIfExists(beside(OFFER));
        Files.deleteIfExists(beside(OFFER + ".new"));
        Files.deleteIfExists(data);
    }

    private Path beside(String ending) {
        return data.resolveSibling(data.getFileName() + ending);
    }

    private static void writeFully(FileChannel channel, ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    /** Fills the file from its beginning, at the pace given. */
    Filling fill(Pace pace) throws IOException {
        delete();
        requireRoom();
        return new Filling(FileChannel.open(data, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), pace);
    }

    /** The file while it is written: counts, checks and paces. */
    final class Filling extends OutputStream {

        private final FileChannel channel;
        private final Pace pace;
        private final CRC32C crc = new CRC32C();
        private long bytes;
        private long synced;

        private Filling(FileChannel channel, Pace pace) {
            this.channel = channel;
            this.pace = pace;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int from, int length) throws IOException {
            pace.pass(length);
            writeFully(channel, ByteBuffer.wrap(source, from, length), bytes);
            crc.update(source, from, length);
            bytes += length;
            if (bytes - synced >= SYNC_BYTES) {
                channel.force(false);
                synced = bytes;
                requireRoom();
            }
        }

        long bytes() {
            return bytes;
        }

        int checksum() {
            return (int) crc.getValue();
        }

        @Override
        public void close() throws IOException {
            if (channel.isOpen()) {
                channel.force(true);
                channel.close();
            }
        }
    }
}
