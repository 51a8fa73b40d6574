package org.deuterium.replica.host;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Lets so many bytes a second pass, all who ask together; a second's worth may have been saved up. */
final class Pace {

    private final double nanosPerByte;
    private long freeAtNanos = System.nanoTime();

    Pace(long bytesPerSecond) {
        if (bytesPerSecond <= 0) {
            throw new IllegalArgumentException(
                    "snapshots at " + bytesPerSecond + " bytes a second; give a number above 0");
        }
        nanosPerByte = (double) TimeUnit.SECONDS.toNanos(1) / bytesPerSecond;
    }

    /** Returns when the bytes may pass; only for threads that may block. */
    void pass(long bytes) {
        long until;
        synchronized (this) {
            long now = System.nanoTime();
            freeAtNanos = Math.max(freeAtNanos, now - TimeUnit.SECONDS.toNanos(1));
            freeAtNanos += (long) (bytes * nanosPerByte);
            until = freeAtNanos;
        }
        for (long left = until - System.nanoTime(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }
}
