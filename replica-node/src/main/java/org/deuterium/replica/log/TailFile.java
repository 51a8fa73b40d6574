package org.deuterium.replica.log;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.LogEntry;

/**
 * The end of a partition's log that was discarded although clients may have been told that it is committed (ACK ASYNC),
 * in a file of its own: {@code <data>/tails/<partition>-<term>-<first>.tail}, the term being the one it gave way to.
 * Written and read entry by entry, since all of a log may be in it.
 *
 * <pre>
 * int magic | int partition | long term
 * for each entry: int bytes | int CRC-32C of them | the entry as on the wire
 * for some that could not be read from the log: int -16 | int CRC-32C of the rest | long first index | long last
 * </pre>
 *
 * Nothing ever reads it to apply it; {@code bin/deuterium log show --tails} prints it.
 */
public final class TailFile implements AutoCloseable {

    private static final int MAGIC = 0x44325441;
    private static final String ENDING = ".tail";
    private static final int HEADER_BYTES = 16;
    private static final int UNREADABLE = -2 * Long.BYTES;
    private static final int KEPT_BUFFER_BYTES = 4 << 20;

    private final Path directory;
    private final Path file;
    private final Path fresh;
    private final FileChannel channel;
    private WireWriter buffer = new WireWriter();
    private long end;

    private TailFile(Path directory, Path file, Path fresh, FileChannel channel) {
        this.directory = directory;
        this.file = file;
        this.fresh = fresh;
        this.channel = channel;
    }

    /** Who is told what the file of a tail holds, in its order. */
    public interface Reader {

        void begins(PartitionId partition, Term gaveWayTo);

        void entry(PartitionId partition, LogEntry entry);

        /** The log that it comes from could not be read there: it had entries with these indexes once. */
        void wasUnreadable(PartitionId partition, LogIndex first, LogIndex last);

        /** The file is not as it was written; what can be read after this place follows. */
        void damaged(long offset);
    }

    /** Begins a file, which has no name before it is {@link #finish finished}. */
    public static TailFile create(Path directory, PartitionId partition, Term gaveWayTo, LogIndex first)
            throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(partition.number() + "-" + gaveWayTo.number() + "-" + first.position() + ENDING);
        Path fresh = directory.resolve(file.getFileName() + ".new");
        FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
        TailFile tail = new TailFile(directory, file, fresh, channel);
        tail.buffer.writeInt(MAGIC).writeInt(partition.number()).writeLong(gaveWayTo.number());
        return tail;
    }

    /** Adds entries. */
    public void append(List<LogEntry> entries) throws IOException {
        for (LogEntry entry : entries) {
            int start = begin();
            entry.encode(buffer);
            int length = buffer.size() - start - 2 * Integer.BYTES;
            seal(start, length, length);
            if (buffer.size() > KEPT_BUFFER_BYTES) {
                flush();
            }
        }
        flush();
    }

    /** Adds that there were entries with these indexes, and that they cannot be read. */
    public void appendUnreadable(LogIndex first, LogIndex last) throws IOException {
        int start = begin();
        buffer.writeLong(first.position()).writeLong(last.position());
        seal(start, UNREADABLE, -UNREADABLE);
        flush();
    }

    private int begin() {
        int start = buffer.size();
        buffer.writeLong(0);
        return start;
    }

    private void seal(int start, int mark, int length) {
        buffer.putInt(start, mark);
        buffer.putInt(start + Integer.BYTES, checksum(buffer.array(), start + 2 * Integer.BYTES, length));
    }

    private void flush() throws IOException {
        LogSegment.writeFully(channel, buffer.toByteBuffer(), end);
        end += buffer.size();
        if (buffer.array().length > KEPT_BUFFER_BYTES) {
            buffer = new WireWriter();
        } else {
            buffer.clear();
        }
    }

    /**
     * The file is durable when this returns. An equal one, from a crash just after it, is replaced; one of another content,
     * which can begin alike, stays beside it.
     */
    public Path finish() throws IOException {
        flush();
        channel.force(true);
        channel.close();
        Path free = file;
        for (int number = 2; Files.exists(free) && Files.mismatch(free, fresh) >= 0; number++) {
            free = directory.resolve(file.getFileName().toString().replace(ENDING, "-" + number + ENDING));
        }
        Files.move(fresh, free, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        LogSegment.forceDirectory(directory);
        return free;
    }

    /** Forgets a file that was not finished. */
    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(fresh);
    }

    /** The tails in a directory, oldest name first; none if it does not exist. */
    public static List<Path> list(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.exists(directory)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*" + ENDING)) {
                found.forEach(files::add);
            }
        }
        files.sort(null);
        return files;
    }

    /** The entries of a file, all in memory: for those who know that it is small. */
    public static List<LogEntry> entries(Path file) throws IOException {
        List<LogEntry> entries = new ArrayList<>();
        read(file, new Reader() {
            @Override
            public void begins(PartitionId partition, Term gaveWayTo) {}

            @Override
            public void entry(PartitionId partition, LogEntry entry) {
                entries.add(entry);
            }

            @Override
            public void wasUnreadable(PartitionId partition, LogIndex first, LogIndex last) {}

            @Override
            public void damaged(long offset) {}
        });
        return entries;
    }

    /**
     * Reads what can be read.
     *
     * @throws IOException if it is no such file, or cannot be read at all
     */
    public static void read(Path file, Reader reader) throws IOException {
        long size = Files.size(file);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), 1 << 16))) {
            if (size < HEADER_BYTES || in.readInt() != MAGIC) {
                throw new IOException(file + " is no tail of a log");
            }
            PartitionId partition = new PartitionId(in.readInt());
            reader.begins(partition, new Term(in.readLong()));
            long at = HEADER_BYTES;
            boolean told = false;
            while (at < size) {
                long left = size - at - 2 * Integer.BYTES;
                int mark = left < 0 ? 0 : in.readInt();
                int checksum = left < 0 ? 0 : in.readInt();
                int length = mark == UNREADABLE ? -UNREADABLE : mark;
                boolean plausible = length > 0 && length <= left;
                byte[] content = plausible ? in.readNBytes(length) : new byte[0];
                boolean sound = plausible && content.length == length && checksum(content, 0, length) == checksum;
                if (sound && mark == UNREADABLE) {
                    WireReader indexes = new WireReader(content);
                    reader.wasUnreadable(partition, new LogIndex(indexes.readLong()), new LogIndex(indexes.readLong()));
                } else if (sound) {
                    reader.entry(partition, LogEntry.decode(new WireReader(content)));
                } else if (!told) {
                    reader.damaged(at);
                }
                told = !sound;
                if (!plausible) {
                    return; // where the next one begins is not known
                }
                at += 2 * Integer.BYTES + length;
            }
        }
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
