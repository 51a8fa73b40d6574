package org.deuterium.replica.host;

import java.util.Locale;
import org.deuterium.wire.LogIndex;
import org.jspecify.annotations.Nullable;

/**
 * Why a replica's database cannot go on, from which entry on, and when its leader is asked for another: at once the first
 * time, after a pause that doubles each time it happens again. Belongs to the node loop.
 */
final class StuckDatabase {

    private static final long FIRST_PAUSE_MILLIS = 2_000;
    private static final long LONGEST_PAUSE_MILLIS = 10 * 60_000;
    private static final long ASK_EVERY_MILLIS = 500;

    private @Nullable String reason;
    private LogIndex shows = LogIndex.NONE;
    private LogIndex mustShow = LogIndex.NONE;
    private long notBeforeMillis;
    private long askedMillis;
    private long recoveredMillis;
    private int timesInARow;

    boolean isStuck() {
        return reason != null;
    }

    /**
     * It failed.
     *
     * @param shows the last entry it shows
     * @param tried the last entry it was given, which another database must show
     */
    void failed(String why, LogIndex shows, LogIndex tried, long nowMillis) {
        if (nowMillis - recoveredMillis > LONGEST_PAUSE_MILLIS) {
            timesInARow = 0;
        }
        this.reason = why;
        this.shows = shows;
        this.mustShow = tried.isAfter(shows) ? tried : shows;
        this.notBeforeMillis = nowMillis + pauseMillis(timesInARow++);
        this.askedMillis = 0;
    }

    /** The database that was to take its place could not be put there. */
    void failedAgain(String why, long nowMillis) {
        this.reason = why;
        this.notBeforeMillis = nowMillis + pauseMillis(Math.max(1, timesInARow++));
    }

    private static long pauseMillis(int timesBefore) {
        return timesBefore == 0
                ? 0
                : Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(timesBefore - 1, 20));
    }

    /** Another database is in place. */
    void recovered(long nowMillis) {
        if (reason != null) {
            reason = null;
            recoveredMillis = nowMillis;
        }
    }

    /** True each time the leader is to be asked. */
    boolean asksNow(long nowMillis) {
        boolean due = reason != null && nowMillis >= notBeforeMillis && nowMillis - askedMillis >= ASK_EVERY_MILLIS;
        if (due) {
            askedMillis = nowMillis;
        }
        return due;
    }

    /** A database as of an entry before this one would fail again. */
    LogIndex mustShow() {
        return mustShow;
    }

    /** For SHOW REPLICAS; null if the database is well. */
    @Nullable
    String words(boolean leads, long nowMillis) {
        String why = reason;
        if (why == null) {
            return null;
        }
        if (leads) {
            return "STUCK after " + shows + ", it leads until another replica has its whole log: " + why;
        }
        String next = nowMillis < notBeforeMillis
                ? String.format(Locale.ROOT, "in %d s it asks its leader for", (notBeforeMillis - nowMillis) / 1000 + 1)
                : "it asks its leader for";
        return "STUCK after " + shows + ", " + next + " another database: " + why;
    }
}
