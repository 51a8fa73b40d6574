package org.deuterium.replica.storage;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.h2.mvstore.MVStoreException;

/**
 * A stored state on its way to another replica: {@code int magic, long index, long term, long schema version}, then
 * H2's file as a zip. Streamed both ways, so its size in memory is a buffer's.
 */
final class StorageSnapshot {

    private static final int MAGIC = 0x48325331;
    private static final String ENTRY = QuiescedDatabase.FILE + ".mv.db";
    private static final String BEING_FILLED = ENTRY + ".receiving";

    private static final int PIECE_BYTES = 1 << 16;
    private static final long SYNC_BYTES = 8L << 20;

    private StorageSnapshot() {}

    /** Writers and checkpoints go on meanwhile; what is written is the state of the position returned. */
    static SnapshotPosition write(QuiescedDatabase database, OutputStream out) {
        FileCopy copy = database.beginCopy();
        try {
            SnapshotPosition position = copy.position();
            DataOutputStream header = new DataOutputStream(out);
            header.writeInt(MAGIC);
            header.writeLong(position.index().position());
            header.writeLong(position.term().number());
            header.writeLong(position.schemaVersion());
            header.flush();
            ZipOutputStream zip = new ZipOutputStream(out);
            zip.setLevel(Deflater.BEST_SPEED);
            zip.putNextEntry(new ZipEntry(ENTRY));
            copy.writeTo(zip);
            zip.closeEntry();
            zip.finish();
            out.flush();
            return position;
        } catch (IOException | MVStoreException e) {
            throw new StorageFailedException("the snapshot could not be written: " + e.getMessage(), e);
        } finally {
            database.endCopy();
        }
    }

    /** Makes the directory hold exactly the snapshot; a broken stream leaves it without a database. */
    static SnapshotPosition restore(InputStream in, Path directory) {
        try {
            Files.createDirectories(directory);
            empty(directory);
            DataInputStream header = new DataInputStream(in);
            if (header.readInt() != MAGIC) {
                throw new StorageFailedException("these bytes are no snapshot of a replica");
            }
            SnapshotPosition position = new SnapshotPosition(
                    new LogIndex(header.readLong()), new Term(header.readLong()), header.readLong());
            Path file = directory.resolve(BEING_FILLED);
            unpack(in, file);
            Files.move(file, directory.resolve(ENTRY));
            try (FileChannel moved = FileChannel.open(directory, StandardOpenOption.READ)) {
                moved.force(true);
            }
            return position;
        } catch (IOException e) {
            throw new UncheckedIOException("the snapshot could not be restored: " + e.getMessage(), e);
        }
    }

    private static void empty(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, QuiescedDatabase.FILE + ".*")) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
    }

    private static void unpack(InputStream in, Path file) throws IOException {
        ZipInputStream zip = new ZipInputStream(in);
        ZipEntry entry = zip.getNextEntry();
        if (entry == null || !entry.getName().equals(ENTRY)) {
            throw new StorageFailedException("the snapshot holds no H2 file");
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            byte[] piece = new byte[PIECE_BYTES];
            long unsynced = 0;
            for (int length = zip.read(piece); length >= 0; length = zip.read(piece)) {
                ByteBuffer bytes = ByteBuffer.wrap(piece, 0, length);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                unsynced += length;
                if (unsynced >= SYNC_BYTES) {
                    channel.force(false); // one great sync at the end would hold up the log's small ones
                    unsynced = 0;
                }
            }
            channel.force(true);
        }
        // Reads to the end: only there is the checksum of the whole file compared.
        if (zip.getNextEntry() != null) {
            throw new StorageFailedException("the snapshot holds more than an H2 file");
        }
    }
}
