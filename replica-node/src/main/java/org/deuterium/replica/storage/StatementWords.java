package org.deuterium.replica.storage;

import java.util.Arrays;

/**
 * The words of a statement, without what only looks like words: string literals, quoted names and comments are blank, by
 * H2's lexical rules. A text that H2 would refuse comes out somehow; H2 says why when it reads the text itself.
 */
final class StatementWords {

    private final String sql;
    private final char[] words;
    private int at;

    private StatementWords(String sql) {
        this.sql = sql;
        this.words = sql.toCharArray();
    }

    /** A text of the same length, so that places in it are places in the statement. */
    static String of(String sql) {
        StatementWords reader = new StatementWords(sql);
        while (reader.at < sql.length()) {
            reader.next();
        }
        return new String(reader.words);
    }

    private void next() {
        int start = at;
        char c = sql.charAt(at);
        if (c == '\'' || c == '"' || c == '`') {
            at = endOf(String.valueOf(c), 1); // a doubled quote ends one text and begins the next
        } else if (sql.startsWith("$$", at)) {
            at = endOf("$$", 2);
        } else if (sql.startsWith("--", at) || sql.startsWith("//", at)) {
            while (at < sql.length() && sql.charAt(at) != '\n' && sql.charAt(at) != '\r') {
                at++;
            }
        } else if (sql.startsWith("/*", at)) {
            skipBlock();
        } else {
            skipWord();
            return;
        }
        Arrays.fill(words, start, at, ' ');
    }

    /** A name may have $$ in it. */
    private void skipWord() {
        boolean name = Character.isJavaIdentifierStart(sql.charAt(at++));
        while (name && at < sql.length() && Character.isJavaIdentifierPart(sql.charAt(at))) {
            at++;
        }
    }

    private int endOf(String mark, int from) {
        int end = sql.indexOf(mark, at + from);
        return end < 0 ? sql.length() : end + mark.length();
    }

    /** Block comments hold block comments. */
    private void skipBlock() {
        int depth = 0;
        do {
            if (sql.startsWith("/*", at)) {
                depth++;
                at += 2;
            } else if (sql.startsWith("*/", at)) {
                depth--;
                at += 2;
            } else {
                at++;
            }
        } while (depth > 0 && at < sql.length());
    }
}
