package org.deuterium.router.session;

/**
 * How much one router grants its clients.
 *
 * @param sessions open at once
 * @param cursors open at once in one session
 * @param preparedStatements kept at once in one session
 * @param waitingMessages that a client may send ahead of the answers
 */
public record SessionLimits(int sessions, int cursors, int preparedStatements, int waitingMessages) {

    public static SessionLimits defaults() {
        return new SessionLimits(1_000, 1_000, 10_000, 1_000);
    }
}
