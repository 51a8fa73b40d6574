package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.catalog.SqlToken;

/**
 * Rewrites INSERT ... VALUES so that each row takes one more parameter for a partition column the router draws. The
 * client's text stays as it is around the inserted question marks.
 */
final class InsertRewrite {

    private final String sql;
    private final List<SqlToken> tokens;
    private final String column;
    private final int position;
    private final boolean identity;
    private final int clientParameters;
    private final StringBuilder out = new StringBuilder();
    private final List<Integer> parameters = new ArrayList<>();
    private int copied;
    private int clientParameter;
    private int drawn;

    /**
     * Prepares a rewriting.
     *
     * @param column the partition column's name
     * @param position where DEFAULT stands for it in each row, from 0; -1 if the statement leaves it out
     * @param identity true if H2 must be told to take the value in place of its own
     */
    InsertRewrite(
            String sql, List<SqlToken> tokens, String column, int position, boolean identity, int clientParameters) {
        this.sql = sql;
        this.tokens = tokens;
        this.column = "\"" + column.replace("\"", "\"\"") + "\"";
        this.position = position;
        this.identity = identity;
        this.clientParameters = clientParameters;
    }

    BoundSql rewrite() {
        int values = indexOfValues();
        if (values > 0 && tokens.get(values - 1).isWord("DEFAULT")) {
            copyUntil(tokens.get(values - 1).start());
            out.append("(").append(column).append(") ").append(overriding()).append("VALUES (");
            draw();
            out.append(")");
            return new BoundSql(
                    out.toString(), parameters.stream().mapToInt(i -> i).toArray());
        }
        if (values < 0) {
            throw notSupported("this form of INSERT must give its partition column " + column
                    + " a value; or use INSERT ... VALUES");
        }
        boolean overridden = false;
        for (int i = 0; i < values; i++) {
            SqlToken token = tokens.get(i);
            overridden |= token.isWord("OVERRIDING");
            if (position < 0 && token.isSymbol('(') && token.depth() == 0) {
                copyUntil(token.end());
                out.append(column).append(", ");
            }
        }
        copyUntil(tokens.get(values).start());
        out.append(overridden ? "" : overriding());
        rows(values + 1);
        copyUntil(tokens.get(tokens.size() - 1).end());
        return new BoundSql(out.toString(), parameters.stream().mapToInt(i -> i).toArray());
    }

    private String overriding() {
        return identity ? "OVERRIDING SYSTEM VALUE " : "";
    }

    private int indexOfValues() {
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).depth() == 0 && tokens.get(i).isWord("VALUES")) {
                return i;
            }
        }
        return -1;
    }

    private void rows(int from) {
        int item = 0;
        for (int i = from; i < tokens.size(); i++) {
            SqlToken token = tokens.get(i);
            if (token.depth() == 0 && token.isSymbol('(')) {
                item = 0;
                if (position < 0) {
                    copyUntil(token.end());
                    draw();
                    out.append(", ");
                }
            } else if (token.depth() == 1 && token.isSymbol(',')) {
                item++;
            } else if (token.depth() == 1 && token.isWord("DEFAULT") && item == position) {
                copyUntil(token.start());
                draw();
                copied = token.end();
            } else if (token.kind() == SqlToken.Kind.PARAMETER) {
                parameters.add(clientParameter++);
            }
        }
    }

    private void draw() {
        out.append("?");
        parameters.add(clientParameters + drawn);
        drawn++;
    }

    private void copyUntil(int end) {
        out.append(sql, copied, end);
        copied = end;
    }
}
