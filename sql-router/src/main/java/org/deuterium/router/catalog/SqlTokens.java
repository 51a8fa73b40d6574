package org.deuterium.router.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Cuts an SQL text into words by H2's lexical rules, without knowing any grammar. It never fails: what H2 would refuse
 * comes out as some token, and H2 says why when it reads the text itself.
 */
public final class SqlTokens {

    private final String sql;
    private final List<SqlToken> tokens = new ArrayList<>();
    private int at;
    private int depth;

    private SqlTokens(String sql) {
        this.sql = sql;
    }

    public static List<SqlToken> of(String sql) {
        SqlTokens reader = new SqlTokens(sql);
        while (reader.at < sql.length()) {
            reader.next();
        }
        return reader.tokens;
    }

    /** True if the words FOR UPDATE stand anywhere, in a sub-query too: H2 locks rows for them. */
    static boolean forUpdate(List<SqlToken> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isWord("FOR") && tokens.get(i + 1).isWord("UPDATE")) {
                return true;
            }
        }
        return false;
    }

    private void next() {
        char c = sql.charAt(at);
        int start = at;
        if (Character.isWhitespace(c)) {
            at++;
        } else if (startsWith("--") || startsWith("//")) {
            while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
                at++;
            }
        } else if (startsWith("/*")) {
            skipBlockComment();
        } else if (c == '\'') {
            at = endOfQuoted('\'');
            add(SqlToken.Kind.STRING, sql.substring(start, at), start);
        } else if (c == '"' || c == '`') {
            at = endOfQuoted(c);
            String quote = String.valueOf(c);
            String inner = sql.substring(start + 1, Math.max(start + 1, at - 1));
            add(SqlToken.Kind.QUOTED, inner.replace(quote + quote, quote), start);
        } else if (startsWith("$$")) {
            int end = sql.indexOf("$$", at + 2);
            at = end < 0 ? sql.length() : end + 2;
            add(SqlToken.Kind.STRING, sql.substring(start, at), start);
        } else if (Character.isJavaIdentifierStart(c)) {
            while (at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
                at++;
            }
            add(SqlToken.Kind.WORD, sql.substring(start, at).toUpperCase(Locale.ROOT), start);
        } else if (isDigit(c) || (c == '.' && at + 1 < sql.length() && isDigit(sql.charAt(at + 1)))) {
            skipNumber();
            add(SqlToken.Kind.NUMBER, sql.substring(start, at), start);
        } else if (c == '?') {
            at++;
            while (at < sql.length() && isDigit(sql.charAt(at))) {
                at++;
            }
            add(SqlToken.Kind.PARAMETER, sql.substring(start, at), start);
        } else {
            symbol(c, start);
        }
    }

    private void symbol(char c, int start) {
        at++;
        if (c == ')' && depth > 0) {
            depth--;
        }
        add(SqlToken.Kind.SYMBOL, String.valueOf(c), start);
        if (c == '(') {
            depth++;
        }
    }

    private void skipNumber() {
        while (at < sql.length()) {
            char c = sql.charAt(at);
            boolean exponentSign = (c == '+' || c == '-') && (sql.charAt(at - 1) == 'e' || sql.charAt(at - 1) == 'E');
            if (!Character.isLetterOrDigit(c) && c != '.' && c != '_' && !exponentSign) {
                return;
            }
            at++;
        }
    }

    /** Block comments nest in H2. */
    private void skipBlockComment() {
        int level = 0;
        while (at < sql.length()) {
            if (startsWith("/*")) {
                level++;
                at += 2;
            } else if (startsWith("*/")) {
                level--;
                at += 2;
                if (level == 0) {
                    return;
                }
            } else {
                at++;
            }
        }
    }

    private int endOfQuoted(char quote) {
        int i = at + 1;
        while (i < sql.length()) {
            if (sql.charAt(i) == quote) {
                if (i + 1 < sql.length() && sql.charAt(i + 1) == quote) {
                    i++;
                } else {
                    return i + 1;
                }
            }
            i++;
        }
        return sql.length();
    }

    private boolean startsWith(String prefix) {
        return sql.startsWith(prefix, at);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private void add(SqlToken.Kind kind, String text, int start) {
        tokens.add(new SqlToken(kind, text, start, at, depth));
    }
}
