package org.deuterium.router.plan;

import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlWriter;
import org.apache.calcite.sql.parser.SqlParserPos;

/** A leaf of a syntax tree that is written exactly as it was given: H2's text that Calcite need not understand. */
final class VerbatimSql extends SqlIdentifier {

    private final String text;

    VerbatimSql(String text) {
        super("verbatim", SqlParserPos.ZERO);
        this.text = text;
    }

    @Override
    public void unparse(SqlWriter writer, int leftPrecedence, int rightPrecedence) {
        writer.print("(" + text + ")");
        writer.setNeedWhitespace(true);
    }
}
