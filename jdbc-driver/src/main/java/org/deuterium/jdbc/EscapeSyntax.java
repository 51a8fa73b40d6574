package org.deuterium.jdbc;

import java.sql.SQLException;

/**
 * JDBC's escapes in SQL text, translated as H2's driver does: {@code {fn f(x)}}, {@code {oj ...}} lose their braces and
 * word, {@code {d '...'}}, {@code {t}}, {@code {ts}}, {@code {call}}, {@code {escape}} only the braces; the server's
 * parser understands what is left. Text in quotes and comments stays as it is.
 */
final class EscapeSyntax {

    private final String sql;
    private final char[] chars;
    private int at;
    private int level;

    private EscapeSyntax(String sql) {
        this.sql = sql;
        this.chars = sql.toCharArray();
    }

    static String translate(String sql) throws SQLException {
        return sql.indexOf('{') < 0 ? sql : new EscapeSyntax(sql).translated();
    }

    private String translated() throws SQLException {
        for (at = 0; at < chars.length; at++) {
            switch (chars[at]) {
                case '\'', '"', '/', '-', '$' -> skipQuoted();
                case '{' -> openBrace();
                case '}' -> {
                    if (--level < 0) {
                        throw SqlExceptions.syntax(sql, at, "this brace closes nothing");
                    }
                    chars[at] = ' ';
                }
                default -> {
                    // any other character stands for itself
                }
            }
        }
        if (level != 0) {
            throw SqlExceptions.syntax(sql, sql.length() - 1, "a brace of a JDBC escape is not closed");
        }
        return new String(chars);
    }

    private void openBrace() throws SQLException {
        level++;
        chars[at] = ' ';
        skipSpaces();
        int start = at;
        if (chars[at] >= '0' && chars[at] <= '9') {
            // a quantifier of a row pattern, {1,2}: not an escape
            chars[at - 1] = '{';
            while (chars[at] != '}') {
                skipQuoted();
                at++;
                checkEnd();
            }
            level--;
            return;
        }
        if (chars[at] == '?') {
            at++;
            skipSpaces();
            if (chars[at] != '=') {
                throw SqlExceptions.syntax(sql, at, "'=' expected");
            }
            at++;
            skipSpaces();
        }
        while (!Character.isSpaceChar(chars[at])) {
            at++;
            checkEnd();
        }
        int remove = found(start, "fn") || found(start, "oj") ? 2 : found(start, "params") ? 6 : 0;
        for (int i = start; i < start + remove; i++) {
            chars[i] = ' ';
        }
    }

    private boolean found(int start, String word) {
        return sql.regionMatches(true, start, word, 0, word.length());
    }

    private void skipSpaces() throws SQLException {
        checkEnd();
        while (Character.isSpaceChar(chars[at])) {
            at++;
            checkEnd();
        }
    }

    private void checkEnd() throws SQLException {
        if (at >= chars.length) {
            throw SqlExceptions.syntax(sql, at, "the text ends inside a JDBC escape");
        }
    }

    /** Leaves {@code at} on the last character of a quoted text or comment that begins here, if one does. */
    private void skipQuoted() throws SQLException {
        char c = chars[at];
        if (c == '\'' || c == '"') {
            at = endOf(String.valueOf(c), at + 1);
        } else if (c == '$' && sql.startsWith("$$", at) && (at == 0 || chars[at - 1] <= ' ')) {
            at = endOf("$$", at + 2) + 1;
        } else if (c == '/' && sql.startsWith("/*", at)) {
            at = endOf("*/", at + 2) + 1;
        } else if (sql.startsWith("//", at) || sql.startsWith("--", at)) {
            while (at + 1 < chars.length && chars[at + 1] != '\r' && chars[at + 1] != '\n') {
                at++;
            }
        }
    }

    private int endOf(String mark, int from) throws SQLException {
        int end = sql.indexOf(mark, from);
        if (end < 0) {
            throw SqlExceptions.syntax(sql, at, "the text that begins here is not closed by " + mark);
        }
        return end;
    }
}
