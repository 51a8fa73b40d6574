package org.deuterium.replica.log;

import java.io.IOException;
import java.io.UncheckedIOException;
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

    LogEntry entryAt(long location) {
        LogSegment segment = Objects.requireNonNull(segments.get(ReplicationLog.ordinal(location)));
        long offset = ReplicationLog.offset(location);
        try {
            need(segment, offset, Integer.BYTES);
            int length = BatchFormat.intAt(window, (int) (offset - windowStart)) + Integer.BYTES;
            need(segment, offset, length);
            return LogRecords.readEntry(new WireReader(window, (int) (offset - windowStart), length));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read an entry at byte " + offset + " of " + segment.file(), e);
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
