package org.deuterium.replica.host;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import org.deuterium.replica.log.LogSettings;
import org.jspecify.annotations.Nullable;

/**
 * What snapshots, and what is discarded of the log, leave free on the disk they are written to. The log lies on the same
 * one unless somebody put it elsewhere, and a node whose log finds no room ends, with all its replicas.
 */
final class DiskReserve {

    static final long LOOK_EVERY_BYTES = 8L << 20;

    private static final int SEGMENTS = 4;
    private static final long SHORT_TAIL_BYTES = 8L << 20;

    /** A snapshot, or what is discarded, would take what is left to the log. */
    static final class NoRoomException extends IOException {

        private static final long serialVersionUID = 1;

        NoRoomException(String message) {
            super(message);
        }
    }

    private final long bytes;
    private final ToLongFunction<Path> freeBytes;

    /** As much as the log takes in the time in which a person can do something about it. */
    static DiskReserve forLog(LogSettings settings) {
        return new DiskReserve(SEGMENTS * settings.segmentBytes(), DiskReserve::freeBytes);
    }

    DiskReserve(long bytes, ToLongFunction<Path> freeBytes) {
        this.bytes = bytes;
        this.freeBytes = freeBytes;
    }

    private static long freeBytes(Path directory) {
        boolean unknown = directory.toFile().getTotalSpace() == 0;
        return unknown ? Long.MAX_VALUE : directory.toFile().getUsableSpace();
    }

    /** To be asked before anything of that kind goes on to be written there. */
    void require(Path directory) throws NoRoomException {
        require(directory, 0, bytes);
    }

    /**
     * To be asked before more of what is discarded of the log is written there. As long as that is short, the log is left its
     * next file only: while it waits for room nothing of the log is deleted, which soon takes more than it does.
     *
     * @param more how much is to be written now, in bytes
     * @param all how long the tail is with that, in bytes
     */
    void requireForTail(Path directory, long more, long all) throws NoRoomException {
        if (all <= SHORT_TAIL_BYTES) {
            require(directory, more, bytes / SEGMENTS);
        } else {
            require(directory);
        }
    }

    private void require(Path directory, long more, long left) throws NoRoomException {
        long free = freeBytes.applyAsLong(directory);
        if (free - more < left) {
            throw new NoRoomException("only " + (free >> 20) + " MB are free on the disk of " + directory
                    + ", and the last " + (left >> 20) + " MB are left to the log; make room there");
        }
    }

    /** Reads on only as long as there is room for what is made of it in {@code directory}. */
    InputStream guard(InputStream in, Path directory) throws NoRoomException {
        require(directory);
        return new FilterInputStream(in) {
            private long unlooked;

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                int count = super.read(target, from, length);
                unlooked += count;
                if (unlooked >= LOOK_EVERY_BYTES) {
                    unlooked = 0;
                    require(directory);
                }
                return count;
            }
        };
    }

    /** The want of room that something failed for, whoever wrapped it; null if it was something else. */
    static @Nullable NoRoomException in(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof NoRoomException found) {
                return found;
            }
        }
        return null;
    }
}
