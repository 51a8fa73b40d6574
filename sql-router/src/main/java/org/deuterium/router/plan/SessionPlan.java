package org.deuterium.router.plan;

/**
 * A SET that concerns only the client's session.
 *
 * @param value checked already: a schema's exact name, a time zone's id, a number of milliseconds, an isolation level's
 *     number in java.sql.Connection; but what concerns reads from followers is checked by the session
 */
public record SessionPlan(StatementShape shape, Property property, String value) implements RoutedPlan {

    /** What can be set. */
    public enum Property {
        SCHEMA,
        LOCK_TIMEOUT_MILLIS,
        QUERY_TIMEOUT_MILLIS,
        IDLE_TRANSACTION_MILLIS,
        TIME_ZONE,
        ISOLATION,
        READ_PREFERENCE,
        MAX_STALENESS,
        READ_YOUR_WRITES,
        MONOTONIC_READS,
        CONSISTENT_PREFIX,
        SESSION_TOKEN,
        /** A setting that changes nothing here, accepted as H2 does (e.g. SET THROTTLE 0). */
        NONE
    }

    @Override
    public Kind kind() {
        return Kind.SESSION;
    }
}
