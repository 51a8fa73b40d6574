package org.deuterium.replica.log;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** Reads entries that lie near each other in segment files, a window of the file at a time. */
final class LogReader {

    private final Map<Integer, LogSegment> segments;
    private final int windowBytes;
    private byte[] window = new byte[0];
    private @Nullable LogSegment windowSegment;
    private long windowStart;

    LogReader(Map<Integer, LogSegment> segments, int windowBytes) {
        this.segments = segments;
        this.windowBytes = windowBytes;
    }

    LogEntry entryAt(long location, int checksum) {
        LogSegment segment = Objects.requireNonNull(segments.get(ReplicationLog.ordinal(location)));
        long offset = ReplicationLog.offset(location);
        try {
            need(segment, offset, Integer.BYTES);
            int length = BatchFormat.intAt(window, (int) (offset - windowStart)) + Integer.BYTES;
            if (length < Integer.BYTES || length > segment.end() - offset) {
                throw new DamagedEntryException(segment.file(), offset, null);
            }
            need(segment, offset, length);
            int from = (int) (offset - windowStart);
            if (LogRecords.checksum(window, from, length) != checksum) {
                throw new DamagedEntryException(segment.file(), offset, null);
            }
            return LogRecords.readEntry(new WireReader(window, from, length));
        } catch (IOException e) {
            throw new DamagedEntryException(segment.file(), offset, e);
        }
    }

    private void need(LogSegment segment, long offset, int length) throws IOException {
        if (segment == windowSegment && offset >= windowStart && offset + length <= windowStart + window.length) {
            return;
        }
        long available = segment.end() - offset;
        window = new byte[(int) Math.max(length, Math.min(windowBytes, available))];
        segment.read(offset, window);
        windowSegment = segment;
        windowStart = offset;
    }
}
