package org.deuterium.sql.parser;

import org.apache.calcite.sql.parser.SqlParseException;

/** A text that the grammar does not know, and where it stopped. */
public final class StatementParseException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int line;
    private final int column;

    StatementParseException(SqlParseException cause) {
        super(firstLine(cause), cause);
        this.line = cause.getPos() == null ? 1 : cause.getPos().getLineNum();
        this.column = cause.getPos() == null ? 1 : cause.getPos().getColumnNum();
    }

    /** The line of the first token that does not fit, from 1. */
    public int line() {
        return line;
    }

    /** The column of the first token that does not fit, from 1. */
    public int column() {
        return column;
    }

    private static String firstLine(SqlParseException cause) {
        String message = String.valueOf(cause.getMessage());
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).strip();
    }
}
