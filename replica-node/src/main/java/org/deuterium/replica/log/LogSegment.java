package org.deuterium.replica.log;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * One file of the log: a header and batches one after another, then zeros written ahead, so that an fsync of a batch
 * changes no metadata.
 */
final class LogSegment implements AutoCloseable {

    static final int HEADER_BYTES = 64;
    static final Pattern FILE_NAME = Pattern.compile("segment-([0-9a-f]{16})\\.log");

    private static final long MAGIC = 0x4465_7574_4c6f_6731L;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path file;
    private final FileChannel channel;
    private final long firstSequence;
    private final int previousChecksum;
    private final long salt;
    private final long preparedBytes;
    private final Map<Integer, Long> lastIndexes = new HashMap<>();
    private long end = HEADER_BYTES;

    private LogSegment(
            Path file, FileChannel channel, long firstSequence, int previousChecksum, long salt, long preparedBytes) {
        this.preparedBytes = preparedBytes;
        this.file = file;
        this.channel = channel;
        this.firstSequence = firstSequence;
        this.previousChecksum = previousChecksum;
        this.salt = salt;
    }

    /** Makes a prepared file of zeros the segment that starts with batch {@code firstSequence}. */
    static LogSegment create(
            Path directory, Path prepared, long firstSequence, int previousChecksum, long salt, ChannelOpener opener)
            throws IOException {
        long preparedBytes = Files.size(prepared);
        WireWriter header = new WireWriter(HEADER_BYTES);
        header.writeLong(MAGIC).writeLong(firstSequence).writeInt(previousChecksum);
        header.writeLong(salt).writeLong(preparedBytes);
        header.writeInt(BatchFormat.checksum(salt, header.array(), 0, header.size()));
        Path file = directory.resolve(String.format("segment-%016x.log", firstSequence));
        try (FileChannel channel = FileChannel.open(prepared, StandardOpenOption.WRITE)) {
            writeFully(channel, header.toByteBuffer(), 0);
            channel.force(true);
        }
        Files.move(prepared, file, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(directory);
        return new LogSegment(file, opener.open(file), firstSequence, previousChecksum, salt, preparedBytes);
    }

    /**
     * Opens a segment that was written before; the batches in it are still to be read.
     *
     * @throws DamagedSegmentException if its header is not as it was written
     */
    static LogSegment open(Path file, ChannelOpener opener) throws IOException, DamagedSegmentException {
        FileChannel channel = opener.open(file);
        byte[] bytes = new byte[HEADER_BYTES];
        ByteBuffer target = ByteBuffer.wrap(bytes);
        while (target.hasRemaining() && channel.read(target, target.position()) > 0) {}
        WireReader in = new WireReader(bytes);
        long magic = in.readLong();
        long firstSequence = in.readLong();
        int previousChecksum = in.readInt();
        long salt = in.readLong();
        long preparedBytes = in.readLong();
        int end = in.position();
        if (magic != MAGIC || in.readInt() != BatchFormat.checksum(salt, bytes, 0, end)) {
            channel.close();
            throw new DamagedSegmentException("the header of " + file + " is damaged");
        }
        return new LogSegment(file, channel, firstSequence, previousChecksum, salt, preparedBytes);
    }

    /** How the files of a log are opened. */
    @FunctionalInterface
    interface ChannelOpener {

        ChannelOpener READ_AND_WRITE =
                file -> FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);

        /** For another user than the node's too. */
        ChannelOpener READ_ONLY = file -> FileChannel.open(file, StandardOpenOption.READ);

        FileChannel open(Path file) throws IOException;
    }

    /** Makes the names in a directory durable. */
    static void forceDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    static void writeFully(FileChannel channel, ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    Path file() {
        return file;
    }

    long firstSequence() {
        return firstSequence;
    }

    int previousChecksum() {
        return previousChecksum;
    }

    long salt() {
        return salt;
    }

    /** The file was made so long, and only grows; a shorter one was cut. */
    long preparedBytes() {
        return preparedBytes;
    }

    /** Where the next batch goes. */
    long end() {
        return end;
    }

    void endsAt(long offset) {
        end = offset;
    }

    /** Writes a sealed batch at the end, by way of a reused direct buffer. */
    void write(WireWriter batch, ByteBuffer direct) throws IOException {
        int from = 0;
        while (from < batch.size()) {
            int length = Math.min(direct.capacity(), batch.size() - from);
            direct.clear();
            direct.put(batch.array(), from, length).flip();
            writeFully(channel, direct, end + from);
            from += length;
        }
        end += batch.size();
    }

    void force() throws IOException {
        channel.force(false);
    }

    /** The whole file, for the reading at open. */
    byte[] readAll() throws IOException {
        long size = channel.size();
        if (size > Integer.MAX_VALUE - 8) {
            throw new IOException(file + " has " + size + " bytes, more than any segment written here");
        }
        byte[] bytes = new byte[(int) size];
        read(0, bytes);
        return bytes;
    }

    /** Fills {@code target} from {@code offset}. */
    void read(long offset, byte[] target) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(target);
        while (buffer.hasRemaining()) {
            int length = Math.min(CHUNK_BYTES, buffer.remaining());
            ByteBuffer part = buffer.slice(buffer.position(), length);
            int count = channel.read(part, offset + buffer.position());
            if (count < 0) {
                throw new EOFException(file + " ends at " + channel.size() + ", bytes from " + offset + " wanted");
            }
            buffer.position(buffer.position() + count);
        }
    }

    /**
     * Overwrites everything after the last sound batch with zeros and makes that durable.
     *
     * @return how many bytes there were, up to the last that was not zero
     */
    long eraseAfterEnd(byte[] content) throws IOException {
        int from = (int) Math.min(end, content.length);
        int last = lastWritten(content);
        for (int at = from; at < last; at += CHUNK_BYTES) {
            writeFully(channel, ByteBuffer.allocate(Math.min(CHUNK_BYTES, last - at)), at);
        }
        if (last > from) {
            channel.force(true);
        }
        return last - from;
    }

    /** The end of the bytes after the last sound batch that are not zero; that batch's end if there are none. */
    private int lastWritten(byte[] content) {
        int from = (int) Math.min(end, content.length);
        int last = content.length;
        while (last > from && content[last - 1] == 0) {
            last--;
        }
        return last;
    }

    /**
     * Copies the file, as it was read, beside it, if there is anything after the last sound batch. The copy is durable when
     * this returns.
     *
     * @return the copy; null if nothing is there to be kept
     * @throws IOException if there is no room for it
     */
    @Nullable
    Path keepDamaged(byte[] content) throws IOException {
        int last = lastWritten(content);
        if (last <= end) {
            return null;
        }
        Path unfinished = file.resolveSibling(file.getFileName() + ".copy");
        try (FileChannel out = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            for (int at = 0; at < last; at += CHUNK_BYTES) {
                writeFully(out, ByteBuffer.wrap(content, at, Math.min(CHUNK_BYTES, last - at)), at);
            }
            out.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(unfinished); // the room it took is wanted
            throw new IOException(
                    "batches of " + file
                            + " were fsynced and cannot be read; they would be written over, and there must be"
                            + " room for a copy (" + last + " bytes) first: " + e.getMessage(),
                    e);
        }
        Path copy = nameAside(file);
        Files.move(unfinished, copy, StandardCopyOption.ATOMIC_MOVE);
        forceDirectory(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        return copy;
    }

    /** A name not taken yet: segment 1 may be damaged once more, if everything of the node was. */
    static Path nameAside(Path file) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        for (int number = 2; Files.exists(aside); number++) {
            aside = file.resolveSibling(file.getFileName() + ".damaged-" + number);
        }
        return aside;
    }

    /**
     * Makes durable what was read from {@code from} to the end. It may lie in the page cache alone: a process that died
     * between write and fsync leaves it there; and a failed fsync leaves pages there that no later one writes, unless they
     * are written to again.
     */
    void writeAgain(byte[] content, int from) throws IOException {
        for (int at = from; at < end; at += CHUNK_BYTES) {
            writeFully(channel, ByteBuffer.wrap(content, at, (int) Math.min(CHUNK_BYTES, end - at)), at);
        }
        channel.force(true);
    }

    static boolean hasOtherThanZeros(byte[] bytes, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (bytes[i] != 0) {
                return true;
            }
        }
        return false;
    }

    /** Notes that this segment holds an entry of a partition; they come in rising order or after a discard. */
    void holds(int partition, long index) {
        lastIndexes.merge(partition, index, Math::max);
    }

    /** The greatest index of each partition that has entries here. */
    Map<Integer, Long> lastIndexes() {
        return lastIndexes;
    }

    void delete() throws IOException {
        channel.close();
        Files.delete(file);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
