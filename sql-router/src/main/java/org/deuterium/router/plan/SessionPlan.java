package org.deuterium.router.plan;

/**
 * A SET that concerns only the client's session.
 *
 * @param value checked already: a schema's exact name, a time zone's id, a number of milliseconds, an isolation level's
 *     number in java.sql.Connection; but what concerns reads from followers, and moments of the past, is checked by the session
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
        /** The moment of the past that all transactions of the session show. */
        AS_OF,
        /** The moment of the past that the next transaction shows. */
        TRANSACTION_AS_OF,
        /** Whether all transactions of the session only read: true or false. */
        READ_ONLY,
        /** Whether the next transaction only reads. */
        TRANSACTION_READ_ONLY,
        /** A setting that changes nothing here, accepted as H2 does (e.g. SET THROTTLE 0). */
        NONE
    }

    @Override
    public Kind kind() {
        return Kind.SESSION;
    }
}
