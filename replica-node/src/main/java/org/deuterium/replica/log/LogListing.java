package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.replication.LogEntry;

/**
 * Reads a node's log record by record, for people: changes nothing, so the node may run, and passes over what cannot be
 * read. What a running node has not synced may be missing.
 */
public final class LogListing {

    /** Who is told what the log holds, in its order. */
    public interface Reader {

        void entry(PartitionId partition, LogEntry entry);

        /** The partition's entries after the index do not count. */
        void discarded(PartitionId partition, LogIndex after);

        void promised(PartitionId partition, Term term);

        /** A piece of a file is damaged, or the end of what was written. */
        void unreadable(Path file, long offset);

        /** The running node has just deleted this file: nobody needs its entries any more. */
        default void gone(Path file) {}
    }

    private final Reader reader;

    private LogListing(Reader reader) {
        this.reader = reader;
    }

    /** @param directory the folder {@code log} of a node's data */
    public static void read(Path directory, Reader reader) throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(directory)) {
            files = found.filter(file -> LogSegment.FILE_NAME
                            .matcher(file.getFileName().toString())
                            .matches())
                    .sorted()
                    .toList();
        }
        LogListing listing = new LogListing(reader);
        for (Path file : files) {
            try (LogSegment segment = LogSegment.open(file, LogSegment.ChannelOpener.READ_ONLY)) {
                listing.read(segment);
            } catch (DamagedSegmentException e) {
                reader.unreadable(file, 0);
            } catch (NoSuchFileException e) {
                reader.gone(file);
            }
        }
    }

    private void read(LogSegment segment) throws IOException {
        byte[] content = segment.readAll();
        int at = LogSegment.HEADER_BYTES;
        boolean told = false;
        while (at + BatchFormat.HEADER_BYTES <= content.length) {
            BatchFormat.Header header = BatchFormat.header(content, at, segment.salt());
            boolean sound = header != null
                    && at + header.totalBytes() <= content.length
                    && BatchFormat.isSound(content, at, header, segment.salt());
            if (header != null && sound) {
                records(content, at + BatchFormat.HEADER_BYTES, at + header.tableOffset());
                at += (int) header.totalBytes();
                told = false;
                continue;
            }
            if (!told && LogSegment.hasOtherThanZeros(content, at, BatchFormat.ALIGNMENT)) {
                reader.unreadable(segment.file(), at);
                told = true;
            }
            at += BatchFormat.ALIGNMENT;
        }
    }

    private void records(byte[] content, int from, int end) {
        int at = from;
        while (at < end) {
            int length = BatchFormat.intAt(content, at) + Integer.BYTES;
            WireReader in = new WireReader(content, at + Integer.BYTES, length - Integer.BYTES);
            int kind = in.readByte();
            PartitionId partition = new PartitionId(in.readVInt());
            if (kind == LogRecords.ENTRY) {
                reader.entry(partition, LogEntry.decode(in));
            } else if (kind == LogRecords.DISCARD_AFTER) {
                reader.discarded(partition, LogRecords.readIndex(in));
            } else if (kind == LogRecords.PROMISE) {
                reader.promised(partition, LogRecords.readTerm(in));
            }
            at += length;
        }
    }
}
