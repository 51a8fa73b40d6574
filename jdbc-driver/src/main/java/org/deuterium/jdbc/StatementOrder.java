package org.deuterium.jdbc;

import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a statement as the application ordered it.
 *
 * @param prepared what the server remembers of it, or null to send the text
 */
record StatementOrder(
        String sql,
        StatementKind kind,
        @Nullable RememberedStatement prepared,
        ParameterRows parameters,
        int fetchSize,
        long maxRows,
        int timeoutMillis,
        KeysWanted keys) {}
