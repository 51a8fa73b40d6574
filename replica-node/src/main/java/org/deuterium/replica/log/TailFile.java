package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
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
 *
 * <pre>
 * int magic | int partition | long term
 * for each entry: int bytes | int CRC-32C of them | the entry as on the wire
 * </pre>
 *
 * Nothing ever reads it to apply it; {@code bin/deuterium log show --tails} prints it.
 */
public final class TailFile {

    private static final int MAGIC = 0x44325441;
    private static final String ENDING = ".tail";
    private static final int HEADER_BYTES = 16;

    private TailFile() {}

    /** What a tail's file says. */
    public record Tail(PartitionId partition, Term gaveWayTo, List<LogEntry> entries) {}

    /** Writes a tail; it is durable when this returns. A file of that name, from a crash just after, is replaced. */
    public static Path write(Path directory, PartitionId partition, Term gaveWayTo, List<LogEntry> entries)
            throws IOException {
        Files.createDirectories(directory);
        LogIndex first = entries.get(0).index();
        Path file = directory.resolve(partition.number() + "-" + gaveWayTo.number() + "-" + first.position() + ENDING);
        Path fresh = directory.resolve(file.getFileName() + ".new");
        WireWriter out = new WireWriter();
        out.writeInt(MAGIC).writeInt(partition.number()).writeLong(gaveWayTo.number());
        for (LogEntry entry : entries) {
            int start = out.size();
            out.writeLong(0);
            entry.encode(out);
            int length = out.size() - start - 2 * Integer.BYTES;
            out.putInt(start, length);
            out.putInt(start + Integer.BYTES, checksum(out.array(), start + 2 * Integer.BYTES, length));
        }
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = out.toByteBuffer();
            LogSegment.writeFully(channel, bytes, 0);
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        LogSegment.forceDirectory(directory);
        return file;
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

    /** @throws IOException if the file is not as it was written */
    public static Tail read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length < HEADER_BYTES || BatchFormat.intAt(bytes, 0) != MAGIC) {
            throw new IOException(file + " is no tail of a log");
        }
        WireReader header = new WireReader(bytes, Integer.BYTES, HEADER_BYTES - Integer.BYTES);
        PartitionId partition = new PartitionId(header.readInt());
        Term term = new Term(header.readLong());
        List<LogEntry> entries = new ArrayList<>();
        int at = HEADER_BYTES;
        while (at < bytes.length) {
            int start = at + 2 * Integer.BYTES;
            int length = start > bytes.length ? -1 : BatchFormat.intAt(bytes, at);
            if (length < 0
                    || length > bytes.length - start
                    || checksum(bytes, start, length) != BatchFormat.intAt(bytes, at + Integer.BYTES)) {
                throw new IOException(file + " is damaged at byte " + at);
            }
            entries.add(LogEntry.decode(new WireReader(bytes, start, length)));
            at = start + length;
        }
        return new Tail(partition, term, entries);
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
