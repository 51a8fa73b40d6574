package org.deuterium.jdbc;

import java.util.List;
import org.deuterium.wire.client.StatementPrepared;
import org.deuterium.wire.statement.ColumnDescription;

/**
 * A statement text that a node of the cluster has prepared for this connection, shared by all PreparedStatements of that
 * text. Its number is only good on the link where it was given.
 */
final class RememberedStatement {

    private static final int NO_LINK = -1;

    private final String sql;
    private final StatementKind kind;
    private StatementPrepared description;
    private ColumnLabels labels;
    private int link;

    RememberedStatement(String sql, StatementPrepared description, int link) {
        this.sql = sql;
        this.kind = StatementKind.of(sql);
        this.description = description;
        this.labels = new ColumnLabels(description.columns());
        this.link = link;
    }

    void preparedAgain(StatementPrepared again, int onLink) {
        description = again;
        labels = new ColumnLabels(again.columns());
        link = onLink;
    }

    String sql() {
        return sql;
    }

    StatementKind kind() {
        return kind;
    }

    long number() {
        return description.statement();
    }

    boolean query() {
        return description.query();
    }

    List<ColumnDescription> parameters() {
        return description.parameters();
    }

    List<ColumnDescription> columns() {
        return labels.columns();
    }

    ColumnLabels labels() {
        return labels;
    }

    /** The answer of an execution described other columns: the schema changed since the statement was prepared. */
    void columnsChanged(List<ColumnDescription> now) {
        labels = new ColumnLabels(now);
    }

    /** Its number is not to be used any more; the next use prepares the text again. */
    void outdated() {
        link = NO_LINK;
    }

    /** The number of the link on which the statement's number is good. */
    int link() {
        return link;
    }
}
