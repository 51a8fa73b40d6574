package org.deuterium.jdbc;

import java.sql.Connection;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a session was set to, in whatever way: said again to the next node, so that the session is the same there. */
final class SessionMemory {

    private static final String SCHEMA = "SCHEMA";
    private static final String ISOLATION = "isolation";
    private static final String READ_ONLY = "readOnly";

    private final Map<String, String> properties;
    private final Map<String, String> settings = new LinkedHashMap<>();

    /** @param properties how the session begins */
    SessionMemory(Map<String, String> properties) {
        this.properties = new LinkedHashMap<>(properties);
    }

    /** What a node is told with the greeting. */
    synchronized Map<String, String> properties() {
        return new LinkedHashMap<>(properties);
    }

    /** The statements that a node is told after it, in their order. */
    synchronized Collection<String> settings() {
        return List.copyOf(settings.values());
    }

    synchronized void changed(String property, String value) {
        properties.put(property, value);
        settings.remove(settingKey(property));
    }

    /** The same for all ways to write a setting's name (READ_PREFERENCE, readPreference), but for H2's variables. */
    static String settingKey(String name) {
        return name.startsWith("@") ? name : name.replaceAll("[_ ]", "").toUpperCase(Locale.ROOT);
    }

    /** A SET that worked. */
    synchronized void remember(String sql) {
        String name = StatementKind.settingName(sql);
        int level = name.equals("SESSION CHARACTERISTICS") ? StatementKind.isolationLevel(sql) : 0;
        Boolean onlyReads = name.equals("SESSION CHARACTERISTICS") ? StatementKind.readOnly(sql) : null;
        if (level != 0) {
            properties.put(ISOLATION, Integer.toString(level));
        } else if (onlyReads != null) {
            properties.put(READ_ONLY, onlyReads.toString());
        } else if (name.equals(SCHEMA)) {
            properties.put("schema", StatementKind.settingValue(sql));
        } else {
            settings.remove(settingKey(name)); // what was said last is said again last
            settings.put(settingKey(name), sql);
        }
    }

    /** A number of {@link Connection}. */
    synchronized int isolation() {
        String level = properties.get(ISOLATION);
        return level == null ? Connection.TRANSACTION_READ_COMMITTED : Integer.parseInt(level);
    }

    synchronized boolean isReadOnly() {
        return Boolean.parseBoolean(properties.get(READ_ONLY));
    }

    synchronized String schema() {
        return properties.getOrDefault("schema", "PUBLIC");
    }
}
