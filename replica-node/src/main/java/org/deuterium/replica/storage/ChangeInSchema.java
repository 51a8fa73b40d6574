package org.deuterium.replica.storage;

import org.h2.engine.SessionLocal;

/**
 * A schema change, and the schema in which its unqualified names are meant. The router writes {@code SET SCHEMA "S"; }
 * before the change when that is not PUBLIC.
 */
record ChangeInSchema(String schema, String sql) {

    private static final String MAIN_SCHEMA = "PUBLIC";
    private static final String PREFIX = "SET SCHEMA \"";
    private static final String SEPARATOR = "\"; ";

    static ChangeInSchema of(String text) {
        int end = text.startsWith(PREFIX) ? text.indexOf(SEPARATOR, PREFIX.length()) : -1;
        if (end < 0) {
            return new ChangeInSchema(MAIN_SCHEMA, text);
        }
        String quoted = text.substring(PREFIX.length(), end);
        return new ChangeInSchema(quoted.replace("\"\"", "\""), text.substring(end + SEPARATOR.length()));
    }

    /** Makes the session understand the change's names; fails as H2 does if the schema is gone. */
    void enter(SessionLocal session) {
        session.setCurrentSchema(session.getDatabase().getSchema(schema));
    }
}
