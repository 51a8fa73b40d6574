package org.deuterium.router.session;

import java.sql.Connection;
import java.time.DateTimeException;
import java.time.ZoneId;
import org.deuterium.router.execute.StatementFailedException;
import org.deuterium.router.plan.SessionPlan;
import org.deuterium.router.reads.AsOf;
import org.deuterium.router.reads.ReadRules;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.router.reads.SessionToken;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.partition.Isolation;
import org.deuterium.wire.partition.SessionContext;
import org.jspecify.annotations.Nullable;

/** What a client has set for its session. */
final class SessionSettings {

    /** H2's number for a level that java.sql.Connection does not know. */
    private static final int TRANSACTION_SNAPSHOT = 6;

    private SessionContext context =
            new SessionContext("PUBLIC", ZoneId.systemDefault().getId(), SessionContext.DEFAULT_LOCK_TIMEOUT_MILLIS);
    private @Nullable AsOf asOf;
    private boolean readOnly;
    private int queryTimeoutMillis;
    private volatile int idleTransactionMillis;
    private final SessionReads reads;
    private final String clusterId;

    /**
     * The settings a session begins with.
     *
     * @param clusterId the cluster whose session tokens are taken
     * @param idleTransactionMillis what {@link #idleTransactionMillis} is until the client sets it
     */
    SessionSettings(SessionReads reads, String clusterId, int idleTransactionMillis) {
        this.idleTransactionMillis = idleTransactionMillis;
        this.reads = reads;
        this.clusterId = clusterId;
    }

    SessionReads reads() {
        return reads;
    }

    /** How far the session has come, as a text. */
    String token() {
        return SessionToken.of(reads.progress(), clusterId);
    }

    /** The part that leaders need; the same object until something changes. */
    SessionContext context() {
        return context;
    }

    String schema() {
        return context.schema();
    }

    /** When a statement that says nothing itself is stopped; 0 never. */
    int queryTimeoutMillis() {
        return queryTimeoutMillis;
    }

    /** After how long without a request an open transaction is rolled back; 0 never. Any thread. */
    int idleTransactionMillis() {
        return idleTransactionMillis;
    }

    /** Sets what a planned SET says; its value is checked already. */
    void apply(SessionPlan plan) {
        switch (plan.property()) {
            case SCHEMA ->
                context = new SessionContext(
                        plan.value(), context.timeZone(), context.lockTimeoutMillis(), context.isolation());
            case LOCK_TIMEOUT_MILLIS -> lockTimeout(plan.value());
            case QUERY_TIMEOUT_MILLIS -> queryTimeoutMillis = number("QUERY_TIMEOUT", plan.value());
            case IDLE_TRANSACTION_MILLIS -> idleTransactionMillis = number("IDLE_TRANSACTION_TIMEOUT", plan.value());
            case TIME_ZONE -> timeZone(plan.value());
            case ISOLATION -> isolation(plan.value());
            case READ_PREFERENCE -> readRule("readPreference", plan.value());
            case MAX_STALENESS -> readRule("maxStaleness", plan.value());
            case READ_YOUR_WRITES -> readRule("readYourWrites", plan.value());
            case MONOTONIC_READS -> readRule("monotonicReads", plan.value());
            case CONSISTENT_PREFIX -> readRule("consistentPrefix", plan.value());
            case SESSION_TOKEN -> readRule("sessionToken", plan.value());
            case AS_OF -> asOf = moment(plan.value());
            case READ_ONLY -> readOnly = Boolean.parseBoolean(plan.value());
            case TRANSACTION_AS_OF, TRANSACTION_READ_ONLY ->
                throw new IllegalArgumentException("a matter of the next transaction");
            case NONE -> {}
        }
    }

    /**
     * Sets a property of {@link org.deuterium.wire.client.ChangeSession} other than the schema, which the planner checks.
     *
     * @throws StatementFailedException if there is no such property, or not with this value
     */
    void apply(String property, String value) {
        switch (property) {
            case "lockTimeoutMillis" -> lockTimeout(value);
            case "idleTransactionTimeoutMillis" -> idleTransactionMillis = number("idle transaction timeout", value);
            case "isolation" -> isolation(value);
            case "asOf" -> asOf = moment(value);
            case "timeZone" -> timeZone(value);
            case "readPreference",
                    "maxStaleness",
                    "readYourWrites",
                    "monotonicReads",
                    "consistentPrefix",
                    "sessionToken" -> readRule(property, value);
            case "resumed" -> reads.progress().lostMemory(System.currentTimeMillis());
            case "readOnly" -> readOnly = Boolean.parseBoolean(value);
            case "applicationName" -> {
                // Told for people to see, as in H2: it changes nothing.
            }
            default ->
                throw new StatementFailedException(
                        ErrorCode.NOT_SUPPORTED,
                        "A session has no property '" + property
                                + "'; use schema, isolation, lockTimeoutMillis,"
                                + " idleTransactionTimeoutMillis, timeZone, asOf, readPreference,"
                                + " maxStaleness, readYourWrites, monotonicReads, consistentPrefix, sessionToken,"
                                + " readOnly or applicationName");
        }
    }

    /** True if the session's transactions only read: a rule at SERIALIZABLE, a hint at the other levels. */
    boolean isReadOnly() {
        return readOnly;
    }

    /** The moment of the past that the session's transactions show; null: the present. */
    @Nullable
    AsOf asOf() {
        return asOf;
    }

    /** A moment as the client writes it. */
    @Nullable
    AsOf moment(String value) {
        try {
            return AsOf.parse(value, ZoneId.of(context.timeZone()));
        } catch (ReadRules.BadValue e) {
            throw new StatementFailedException(e.failure());
        }
    }

    private void readRule(String name, String value) {
        ReadRules rules = reads.rules();
        try {
            switch (name) {
                case "readPreference" -> reads.rules(rules.withPreference(value));
                case "maxStaleness" -> reads.rules(rules.withMaxStaleness(value));
                case "readYourWrites" -> reads.rules(rules.withReadYourWrites(value));
                case "monotonicReads" -> reads.rules(rules.withMonotonicReads(value));
                case "consistentPrefix" -> reads.rules(rules.withConsistentPrefix(value));
                default -> SessionToken.takeInto(reads.progress(), value, clusterId, System.currentTimeMillis());
            }
        } catch (ReadRules.BadValue e) {
            throw new StatementFailedException(e.failure());
        }
    }

    private void lockTimeout(String value) {
        context = new SessionContext(
                context.schema(), context.timeZone(), number("lock timeout", value), context.isolation());
    }

    private void timeZone(String value) {
        if (value.isEmpty()) {
            // SET TIME ZONE LOCAL: back to how the session began.
            timeZone(ZoneId.systemDefault().getId());
            return;
        }
        try {
            ZoneId.of(value);
        } catch (DateTimeException e) {
            throw new StatementFailedException(
                    ErrorCode.NOT_SUPPORTED,
                    "Time zone '" + value + "' is not known here; use one such as Europe/Rome");
        }
        context = new SessionContext(context.schema(), value, context.lockTimeoutMillis(), context.isolation());
    }

    /** The level of the session's transactions, in words. */
    String isolationName() {
        return context.isolation().sql();
    }

    /** REPEATABLE READ is snapshot isolation, which promises more; READ UNCOMMITTED is READ COMMITTED. */
    private void isolation(String value) {
        int level = number("isolation", value);
        context = context.with(
                switch (level) {
                    case Connection.TRANSACTION_READ_UNCOMMITTED, Connection.TRANSACTION_READ_COMMITTED ->
                        Isolation.READ_COMMITTED;
                    case Connection.TRANSACTION_REPEATABLE_READ, TRANSACTION_SNAPSHOT -> Isolation.SNAPSHOT;
                    case Connection.TRANSACTION_SERIALIZABLE -> Isolation.SERIALIZABLE;
                    default ->
                        throw new StatementFailedException(
                                ErrorCode.NOT_SUPPORTED,
                                "Isolation level " + level
                                        + " of java.sql.Connection is not supported; use READ COMMITTED (2),"
                                        + " REPEATABLE READ (4), SNAPSHOT (6) or SERIALIZABLE (8)");
                });
    }

    private static int number(String what, String value) {
        try {
            int number = Integer.parseInt(value.trim());
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw refused(what, value);
        }
        throw refused(what, value);
    }

    private static StatementFailedException refused(String what, String value) {
        return new StatementFailedException(
                ErrorCode.NOT_SUPPORTED, "The " + what + " '" + value + "' is not a whole number from 0 on");
    }
}
