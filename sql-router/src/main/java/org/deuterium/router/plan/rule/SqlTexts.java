package org.deuterium.router.plan.rule;

import org.apache.calcite.sql.SqlDialect;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlWriterConfig;
import org.apache.calcite.sql.dialect.H2SqlDialect;
import org.apache.calcite.sql.pretty.SqlPrettyWriter;
import org.h2.util.ParserUtil;

/** Syntax trees back to text that H2 reads. */
public final class SqlTexts {

    /** Quotes only names that H2 would not read as they are: quoted, a name of a function is no function any more. */
    public static final SqlDialect DIALECT =
            new H2SqlDialect(
                    H2SqlDialect.DEFAULT_CONTEXT.withIdentifierQuoteString("\"").withLiteralQuoteString("'")) {
                @Override
                protected boolean identifierNeedsQuote(String name) {
                    return !ParserUtil.isSimpleIdentifier(name, true, false);
                }
            };

    private SqlTexts() {}

    /** The text of an expression, parameters as {@code ?}. */
    public static String text(SqlNode node) {
        SqlPrettyWriter writer = new SqlPrettyWriter(config());
        node.unparse(writer, 0, 0);
        return writer.toString();
    }

    /** One line, parentheses wherever there could be doubt. */
    public static SqlWriterConfig config() {
        return SqlPrettyWriter.config()
                .withDialect(DIALECT)
                .withQuoteAllIdentifiers(false)
                .withAlwaysUseParentheses(true)
                .withSelectListItemsOnSeparateLines(false)
                .withClauseStartsLine(false)
                .withIndentation(0);
    }
}
