package org.deuterium.sql.parser;

import org.apache.calcite.avatica.util.Casing;
import org.apache.calcite.avatica.util.Quoting;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.parser.SqlParseException;
import org.apache.calcite.sql.parser.SqlParser;
import org.apache.calcite.sql.validate.SqlConformanceEnum;

/** Turns one statement's text into Calcite's syntax tree, with H2's rules for names; safe for any number of threads. */
public final class StatementParser {

    static {
        // Calcite's default is ISO-8859-1: string literals in other scripts would not parse.
        if (System.getProperty("calcite.default.charset") == null) {
            System.setProperty("calcite.default.charset", "UTF-8");
        }
    }

    private static final SqlParser.Config CONFIG = SqlParser.config()
            .withParserFactory(DeuteriumSqlParser.FACTORY)
            .withUnquotedCasing(Casing.TO_UPPER)
            .withQuotedCasing(Casing.UNCHANGED)
            .withQuoting(Quoting.DOUBLE_QUOTE)
            .withCaseSensitive(true)
            .withIdentifierMaxLength(256)
            .withConformance(SqlConformanceEnum.BABEL);

    private StatementParser() {}

    /**
     * Parses one statement, without a semicolon behind it.
     *
     * @throws StatementParseException if the grammar does not know it
     */
    public static SqlNode parse(String sql) throws StatementParseException {
        try {
            return SqlParser.create(sql, CONFIG).parseStmt();
        } catch (SqlParseException e) {
            throw new StatementParseException(e);
        }
    }

    /** Parses one expression, for reading definitions apart. */
    public static SqlNode parseExpression(String sql) throws StatementParseException {
        try {
            return SqlParser.create(sql, CONFIG).parseExpression();
        } catch (SqlParseException e) {
            throw new StatementParseException(e);
        }
    }
}
