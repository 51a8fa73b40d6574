package org.deuterium.jdbc;

import java.sql.Connection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a statement does, as far as its first words tell: enough to refuse executeQuery("DELETE ...") before it is sent,
 * and to know what is in doubt when a connection breaks.
 */
enum StatementKind {
    /** Reads only, so it can be sent again. */
    READ,
    /** Gives rows, but may also change something (CALL, FOR UPDATE, EXPLAIN ANALYZE). */
    QUERY,
    /** INSERT, UPDATE, DELETE, MERGE. */
    DATA_CHANGE,
    COMMIT,
    ROLLBACK,
    BEGIN,
    AUTOCOMMIT_ON,
    AUTOCOMMIT_OFF,
    /** Divides its transaction, or says what it is to be: gone with it. */
    SAVEPOINT,
    /** SET: changes the session. */
    SETTING,
    /** A change of the schema or the cluster: if it succeeds, it has committed what was open, as in H2. */
    DEFINITION,
    /** All else: SHUTDOWN, SCRIPT and whatever the server knows. */
    OTHER;

    /** H2's own number ({@code Constants.TRANSACTION_SNAPSHOT}). */
    private static final int SNAPSHOT_LEVEL = 6;

    boolean surelyQuery() {
        return this == READ || this == QUERY;
    }

    boolean surelyNoQuery() {
        return this != OTHER && !surelyQuery();
    }

    /** True for the words that become messages of their own. */
    boolean endsOrBeginsTransaction() {
        return this == COMMIT || this == ROLLBACK || this == BEGIN || this == AUTOCOMMIT_ON || this == AUTOCOMMIT_OFF;
    }

    /** True if losing the connection while it runs in an explicit transaction leaves nothing behind. */
    boolean undoneWithTransaction() {
        return surelyQuery() || this == DATA_CHANGE || this == SAVEPOINT || this == SETTING;
    }

    static StatementKind of(String sql) {
        int start = skipToWord(sql, 0);
        int end = wordEnd(sql, start);
        if (start == end) {
            return start < sql.length() && sql.charAt(start) == '?' ? QUERY : OTHER;
        }
        return switch (sql.substring(start, end).toUpperCase(Locale.ROOT)) {
            case "SELECT", "VALUES", "TABLE", "WITH", "SHOW", "EXPLAIN" -> isPlainRead(sql, end) ? READ : QUERY;
            case "CALL" -> QUERY;
            case "INSERT", "UPDATE", "DELETE", "MERGE" -> DATA_CHANGE;
            case "COMMIT" -> isNextWord(sql, end, "TRANSACTION") ? OTHER : COMMIT;
            case "ROLLBACK" -> isNextWord(sql, end, "TO") ? SAVEPOINT : ROLLBACK;
            case "BEGIN" -> BEGIN;
            case "START" -> isNextWord(sql, end, "TRANSACTION") ? BEGIN : OTHER;
            case "SAVEPOINT", "RELEASE" -> SAVEPOINT;
            case "SET" -> setting(sql, end);
            case "CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT" -> DEFINITION;
            default -> OTHER;
        };
    }

    private static StatementKind setting(String sql, int end) {
        if (isNextWord(sql, end, "TRANSACTION")) {
            return SAVEPOINT;
        }
        if (!isNextWord(sql, end, "AUTOCOMMIT")) {
            return SETTING;
        }
        int name = wordEnd(sql, skipToWord(sql, end));
        int value = skipToWord(sql, isNextWord(sql, name, "TO") ? wordEnd(sql, skipToWord(sql, name)) : name);
        String word = sql.substring(value, wordEnd(sql, value)).toUpperCase(Locale.ROOT);
        return switch (word) {
            case "TRUE", "ON", "1" -> AUTOCOMMIT_ON;
            case "FALSE", "OFF", "0" -> AUTOCOMMIT_OFF;
            default -> OTHER;
        };
    }

    /** False as soon as any word of a data change occurs, even in a string: then it is only not repeated. */
    private static boolean isPlainRead(String sql, int from) {
        for (int i = from; i < sql.length(); i++) {
            int word = i;
            char c = Character.toUpperCase(sql.charAt(i));
            boolean suspicious =
                    switch (c) {
                        case 'I' -> startsWith(sql, word, "INSERT");
                        case 'U' -> startsWith(sql, word, "UPDATE");
                        case 'D' -> startsWith(sql, word, "DELETE");
                        case 'M' -> startsWith(sql, word, "MERGE");
                        default -> false;
                    };
            if (suspicious) {
                return false;
            }
        }
        return true;
    }

    private static boolean isNextWord(String sql, int from, String word) {
        int start = skipToWord(sql, from);
        return startsWith(sql, start, word) && wordEnd(sql, start) == start + word.length();
    }

    private static boolean startsWith(String sql, int at, String word) {
        return sql.regionMatches(true, at, word, 0, word.length());
    }

    private static int wordEnd(String sql, int start) {
        int end = start;
        while (end < sql.length() && (Character.isLetterOrDigit(sql.charAt(end)) || sql.charAt(end) == '_')) {
            end++;
        }
        return end;
    }

    /** Past blanks, comments, '(' and the '=' of "SET X = y". */
    private static int skipToWord(String sql, int from) {
        int at = from;
        while (at < sql.length()) {
            char c = sql.charAt(at);
            if (c <= ' ' || c == '(' || c == '=') {
                at++;
            } else if (sql.startsWith("--", at) || sql.startsWith("//", at)) {
                int newLine = sql.indexOf('\n', at);
                at = newLine < 0 ? sql.length() : newLine + 1;
            } else if (sql.startsWith("/*", at)) {
                int close = sql.indexOf("*/", at + 2);
                at = close < 0 ? sql.length() : close + 2;
            } else {
                break;
            }
        }
        return at;
    }

    /** The identifier that a SET sets something to: as it is if quoted, else in upper case. */
    static String settingValue(String sql) {
        int start = skipToWord(
                sql,
                skipToWord(sql, wordEnd(sql, skipToWord(sql, 0)))
                        + settingName(sql).length());
        if (start < sql.length() && sql.charAt(start) == '"') {
            int end = sql.lastIndexOf('"');
            return sql.substring(start + 1, Math.max(start + 1, end)).replace("\"\"", "\"");
        }
        return sql.substring(start, wordEnd(sql, start)).toUpperCase(Locale.ROOT);
    }

    /** What a SET changes, so that a later SET of the same thing takes its place: the word after SET, or two if that is SESSION. */
    static String settingName(String sql) {
        int start = skipToWord(sql, wordEnd(sql, skipToWord(sql, 0)));
        String name = settingName(sql, start);
        return name.equals("SESSION") ? "SESSION " + settingName(sql, skipToWord(sql, start + name.length())) : name;
    }

    /** The number that JDBC and H2 have for the level of {@code SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL ...}; 0: none. */
    static int isolationLevel(String sql) {
        String words = sql.toUpperCase(Locale.ROOT).replaceAll("\\s+", " ").trim();
        int level = words.lastIndexOf(" LEVEL ");
        return switch (level < 0 ? "" : words.substring(level + " LEVEL ".length())) {
            case "READ UNCOMMITTED" -> Connection.TRANSACTION_READ_UNCOMMITTED;
            case "READ COMMITTED" -> Connection.TRANSACTION_READ_COMMITTED;
            case "REPEATABLE READ" -> Connection.TRANSACTION_REPEATABLE_READ;
            case "SNAPSHOT" -> SNAPSHOT_LEVEL;
            case "SERIALIZABLE" -> Connection.TRANSACTION_SERIALIZABLE;
            default -> 0;
        };
    }

    /** What {@code SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY} or {@code READ WRITE} says; null if it says neither. */
    static @Nullable Boolean readOnly(String sql) {
        String words = sql.toUpperCase(Locale.ROOT).replaceAll("\\s+", " ").trim();
        if (words.endsWith(" TRANSACTION READ ONLY")) {
            return true;
        }
        return words.endsWith(" TRANSACTION READ WRITE") ? false : null;
    }

    private static String settingName(String sql, int start) {
        int end = start;
        while (end < sql.length() && sql.charAt(end) > ' ' && sql.charAt(end) != '=') {
            end++;
        }
        return sql.substring(start, end).toUpperCase(Locale.ROOT);
    }
}
