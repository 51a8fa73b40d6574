package org.deuterium.jdbc;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A JDBC URL of a cluster, taken apart: {@code jdbc:deuterium://h1:p1,h2:p2/db?name=value&name=value}; properties may
 * also follow as {@code ;name=value}, as in H2's URLs.
 *
 * @param url the text as given
 * @param hosts where to connect, in the order to try
 * @param database the name after the hosts
 * @param properties those of the URL over those given beside it; every key is a {@link ConnectionProperty}
 */
record ClusterUrl(String url, List<Host> hosts, String database, Properties properties) {

    static final String PREFIX = "jdbc:deuterium:";
    static final int DEFAULT_PORT = 7077;
    private static final String EXAMPLE = "jdbc:deuterium://host1:7077,host2:7077/db?user=SA&password=...";

    /** One node's address. */
    record Host(String name, int port) {

        @Override
        public String toString() {
            return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + port;
        }

        static @Nullable Host parse(String text) {
            String name = text;
            String port = "";
            int colon = text.lastIndexOf(':');
            if (text.startsWith("[")) {
                int end = text.indexOf(']');
                if (end < 0 || (end + 1 < text.length() && text.charAt(end + 1) != ':')) {
                    return null;
                }
                name = text.substring(1, end);
                port = end + 2 <= text.length() ? text.substring(end + 2) : "";
            } else if (colon >= 0) {
                name = text.substring(0, colon);
                port = text.substring(colon + 1);
            }
            int number = port.isEmpty() ? DEFAULT_PORT : portNumber(port);
            return name.isBlank() || number <= 0 ? null : new Host(name.trim(), number);
        }

        private static int portNumber(String text) {
            try {
                int number = Integer.parseInt(text.trim());
                return number <= 65535 ? number : -1;
            } catch (NumberFormatException e) {
                return -1;
            }
        }
    }

    static boolean isOurs(@Nullable String url) {
        return url != null && url.startsWith(PREFIX);
    }

    static ClusterUrl parse(String url, @Nullable Properties given) throws SQLException {
        String rest = url.substring(PREFIX.length());
        if (!rest.startsWith("//")) {
            throw malformed(url, "'//' and the hosts must follow '" + PREFIX + "'");
        }
        rest = rest.substring(2);
        int end = firstOf(rest, '?', ';');
        String place = rest.substring(0, end);
        int slash = place.indexOf('/');
        if (slash < 0 || slash == place.length() - 1) {
            throw malformed(url, "'/' and the name of the database must follow the hosts");
        }
        Properties properties = new Properties();
        if (given != null) {
            for (String key : given.stringPropertyNames()) {
                put(properties, url, key, given.getProperty(key));
            }
        }
        readSettings(url, rest.substring(end), properties);
        return new ClusterUrl(url, hosts(url, place.substring(0, slash)), place.substring(slash + 1), properties);
    }

    private static int firstOf(String text, char one, char other) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == one || text.charAt(i) == other) {
                return i;
            }
        }
        return text.length();
    }

    private static List<Host> hosts(String url, String text) throws SQLException {
        List<Host> hosts = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            Host host = Host.parse(part);
            if (host == null) {
                throw malformed(url, "'" + part + "' is not host:port with a port from 1 to 65535");
            }
            hosts.add(host);
        }
        return List.copyOf(hosts);
    }

    private static void readSettings(String url, String text, Properties into) throws SQLException {
        for (String setting : text.split("[?;&]", -1)) {
            if (setting.isEmpty()) {
                continue;
            }
            int equals = setting.indexOf('=');
            if (equals < 0) {
                throw malformed(url, "'" + setting + "' is not name=value");
            }
            put(into, url, setting.substring(0, equals), decoded(url, setting.substring(equals + 1)));
        }
    }

    private static String decoded(String url, String value) throws SQLException {
        try {
            return value.indexOf('%') < 0
                    ? value
                    : URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw malformed(url, "'" + value + "' has a % that is not followed by two hexadecimal digits (write %25)");
        }
    }

    private static void put(Properties into, String url, String key, String value) throws SQLException {
        ConnectionProperty property = ConnectionProperty.find(key);
        if (property == null) {
            throw SqlExceptions.h2(
                    SqlExceptions.UNSUPPORTED_SETTING,
                    "unknown connection property \"" + key + "\" for " + withoutSecrets(url) + "; known are: "
                            + ConnectionProperty.knownKeys(),
                    null);
        }
        into.setProperty(property.key(), value);
    }

    private static SQLException malformed(String url, String why) {
        return SqlExceptions.h2(
                SqlExceptions.URL_FORMAT,
                "URL format error in \"" + withoutSecrets(url) + "\": " + why + "; example: " + EXAMPLE,
                null);
    }

    /** The URL as it may be shown: what follows the database can hold a password. */
    static String withoutSecrets(String url) {
        int end = firstOf(url, '?', ';');
        return url.toLowerCase(Locale.ROOT).indexOf("password", end) < 0 ? url : url.substring(0, end);
    }

    String user() {
        return ConnectionProperty.USER.textFrom(properties);
    }

    String password() {
        return ConnectionProperty.PASSWORD.textFrom(properties);
    }

    /** How the session begins, as {@link org.deuterium.wire.client.ChangeSession} names it. */
    Map<String, String> sessionProperties() throws SQLException {
        Map<String, String> session = new LinkedHashMap<>();
        session.put("timeZone", ZoneId.systemDefault().getId());
        putUnlessEmpty(session, "schema", ConnectionProperty.SCHEMA.textFrom(properties));
        putUnlessEmpty(session, "applicationName", ConnectionProperty.APPLICATION_NAME.textFrom(properties));
        if (!ConnectionProperty.LOCK_TIMEOUT.textFrom(properties).isEmpty()) {
            session.put("lockTimeoutMillis", Integer.toString(ConnectionProperty.LOCK_TIMEOUT.millisFrom(properties)));
        }
        if (!ConnectionProperty.IDLE_TRANSACTION_TIMEOUT.textFrom(properties).isEmpty()) {
            session.put(
                    "idleTransactionTimeoutMillis",
                    Integer.toString(ConnectionProperty.IDLE_TRANSACTION_TIMEOUT.millisFrom(properties)));
        }
        for (ConnectionProperty property : ConnectionProperty.ABOUT_READS) {
            String value = property.textFrom(properties);
            if (!value.equals(property.byDefault())) {
                session.put(property.key(), value);
            }
        }
        return session;
    }

    private static void putUnlessEmpty(Map<String, String> into, String key, String value) {
        if (!value.isEmpty()) {
            into.put(key, value);
        }
    }
}
