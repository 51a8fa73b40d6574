package org.deuterium.replica.log;

/**
 * Sizes of a log.
 *
 * @param segmentBytes how long a file of the log is
 * @param cacheBytesPerPartition how much of its newest entries a partition keeps in memory
 */
public record LogSettings(long segmentBytes, long cacheBytesPerPartition) {

    public static final LogSettings DEFAULT = new LogSettings(64L << 20, 4L << 20);

    public LogSettings {
        if (segmentBytes < LogSegment.HEADER_BYTES || segmentBytes > 1L << 30) {
            throw new IllegalArgumentException("a log segment of " + segmentBytes + " bytes; give 64 to 2^30");
        }
    }
}
