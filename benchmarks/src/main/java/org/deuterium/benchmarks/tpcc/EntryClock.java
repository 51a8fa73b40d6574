package org.deuterium.benchmarks.tpcc;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Gives times in microseconds of which no two are equal in this process, so that a row that carries one can be
 * recognised as a transaction's own.
 */
final class EntryClock {

    private static final AtomicLong LAST = new AtomicLong();

    private EntryClock() {}

    static LocalDateTime next() {
        Instant now = Instant.now();
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
        long unique = LAST.updateAndGet(last -> Math.max(last + 1, micros));
        return LocalDateTime.ofInstant(Instant.EPOCH.plus(unique, ChronoUnit.MICROS), ZoneOffset.UTC);
    }
}
