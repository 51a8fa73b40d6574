package org.deuterium.system;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

/** What any client needs on a machine that stands still for seconds: it does again what it was told to do again. */
final class Patience {

    private static final long NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final long PAUSE_MILLIS = 100;

    /** What may be done twice. */
    interface Work<T> {
        T run() throws SQLException;
    }

    private Patience() {}

    /** True for what passes by itself: a leader that is being elected, a lock, a node that is gone. */
    static boolean isTransient(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("40001") || state.equals("HYT00") || state.startsWith("57P") || state.startsWith("08");
    }

    /** What it gives once nothing is in its way; fails with what was in its way for two minutes. */
    static <T> T until(Work<T> work) throws SQLException {
        long deadline = System.nanoTime() + NANOS;
        while (true) {
            try {
                return work.run();
            } catch (SQLException e) {
                if (!isTransient(e) || System.nanoTime() > deadline) {
                    throw e;
                }
                pause();
            }
        }
    }

    private static void pause() throws SQLException {
        try {
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted between two tries", e);
        }
    }
}
