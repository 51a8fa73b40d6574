package org.deuterium.jdbc;

import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What can be set in the URL or the Properties of a connection. */
enum ConnectionProperty {
    USER("user", "SA", "the user to log in as"),
    PASSWORD("password", "", "the user's password"),
    SCHEMA("schema", "", "the schema of names without one; PUBLIC unless set"),
    LOCK_TIMEOUT("lockTimeout", "", "milliseconds a statement waits for a locked row; the server's 2000 unless set"),
    IDLE_TRANSACTION_TIMEOUT(
            "idleTransactionTimeout",
            "",
            "milliseconds after which a transaction that its client leaves alone is rolled back, 0 never; the server's"
                    + " unless set"),
    FETCH_SIZE("fetchSize", "0", "rows fetched at once when a statement does not say; 0 lets the server choose"),
    CONNECT_TIMEOUT("connectTimeout", "10000", "milliseconds to wait for one host before the next is tried"),
    SOCKET_TIMEOUT(
            "socketTimeout", "0", "milliseconds to wait for an answer before the connection is given up; 0 forever"),
    HEARTBEAT(
            "heartbeat",
            "5000",
            "milliseconds of silence after which the node that works for the connection is asked, on another one, whether it"
                    + " lives (connectTimeout says how long that may take); if not, the connection goes on at another node; 0:"
                    + " never asked"),
    APPLICATION_NAME("applicationName", "", "what the cluster shows as the name of this client"),
    PREFER_LEADER(
            "preferLeader", "true", "whether to move, when connecting, to the node that leads the home partition"),
    READ_PREFERENCE(
            "readPreference",
            "leader",
            "which replica answers a plain read outside of a transaction's branches: leader, follower, nearest or tail"),
    MAX_STALENESS(
            "maxStaleness",
            "",
            "how far a follower that is read may lag behind its leader: milliseconds, a number with ms, s, m or h, an"
                    + " ISO-8601 duration, or none; none unless set"),
    AS_OF(
            "asOf",
            "",
            "the moment of the past that every transaction shows, and then only reads: how long ago (-10s; units ms, s,"
                    + " min, h, d) or a time (2026-11-26T15:00:00Z); the present unless set"),
    READ_YOUR_WRITES("readYourWrites", "true", "whether reads show what this session has committed"),
    MONOTONIC_READS("monotonicReads", "true", "whether reads show at least what earlier reads showed"),
    CONSISTENT_PREFIX("consistentPrefix", "true", "whether reads show the causes of everything the session has seen"),
    SESSION_TOKEN(
            "sessionToken",
            "",
            "how far another session had come, as getClientInfo(\"session.token\") gave it: this one goes on from"
                    + " there");

    /** What {@code ChangeSession} calls by the same names; the cluster checks the values. */
    static final List<ConnectionProperty> ABOUT_READS = List.of(
            READ_PREFERENCE, MAX_STALENESS, AS_OF, READ_YOUR_WRITES, MONOTONIC_READS, CONSISTENT_PREFIX, SESSION_TOKEN);

    private final String key;
    private final String byDefault;
    private final String description;

    ConnectionProperty(String key, String byDefault, String description) {
        this.key = key;
        this.byDefault = byDefault;
        this.description = description;
    }

    String key() {
        return key;
    }

    String byDefault() {
        return byDefault;
    }

    String description() {
        return description;
    }

    /** The only values there are, or null. */
    String @Nullable [] choices() {
        return switch (this) {
            case PREFER_LEADER, READ_YOUR_WRITES, MONOTONIC_READS, CONSISTENT_PREFIX -> new String[] {"true", "false"};
            case READ_PREFERENCE -> new String[] {"leader", "follower", "nearest", "tail"};
            default -> null;
        };
    }

    static @Nullable ConnectionProperty find(String key) {
        for (ConnectionProperty property : values()) {
            if (property.key.equalsIgnoreCase(key)) {
                return property;
            }
        }
        return null;
    }

    static String knownKeys() {
        return Arrays.stream(values()).map(ConnectionProperty::key).collect(Collectors.joining(", "));
    }

    String textFrom(Properties properties) {
        return properties.getProperty(key, byDefault);
    }

    int millisFrom(Properties properties) throws SQLException {
        return intFrom(properties);
    }

    int intFrom(Properties properties) throws SQLException {
        String text = textFrom(properties).trim();
        try {
            int value = Integer.parseInt(text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, like a negative number
        }
        throw SqlExceptions.h2(
                SqlExceptions.UNSUPPORTED_SETTING,
                "connection property " + key + "=" + text + " is not a whole number from 0 on (" + description + ")",
                null);
    }

    boolean booleanFrom(Properties properties) throws SQLException {
        String text = textFrom(properties).trim().toLowerCase(Locale.ROOT);
        if (!text.equals("true") && !text.equals("false")) {
            throw SqlExceptions.h2(
                    SqlExceptions.UNSUPPORTED_SETTING,
                    "connection property " + key + "=" + text + " is neither true nor false (" + description + ")",
                    null);
        }
        return text.equals("true");
    }
}
