package org.deuterium.replica.storage;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deuterium.replica.locks.TableLocks;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/**
 * A statement that a session has parsed and planned.
 *
 * @param query true if it gives rows
 * @param readOnly true if it surely writes, locks and draws nothing: it may run while H2 stores its file, on any replica, and
 *     at a cut
 * @param waitsForLocks false for {@code FOR UPDATE NOWAIT}: a locked row is the answer, not a reason to wait
 * @param waitMillis what {@code FOR UPDATE WAIT n} says, -1 if the statement says nothing
 * @param changesByQuery true for a query that may change rows: FINAL TABLE (INSERT ...) and its like
 * @param change how it is logged as text, or why not; null for a query
 * @param tables the tables it must have locked before it is run
 * @param refusal why it is not run at all, or null
 */
record CachedCommand(
        Command command,
        boolean query,
        boolean readOnly,
        boolean waitsForLocks,
        int waitMillis,
        boolean changesByQuery,
        @Nullable RepeatableChange change,
        StatementTables tables,
        @Nullable Failure refusal) {

    /** A query without these letters changes and locks nothing; one with them may have a column called UPDATED_AT. */
    private static final Pattern MAY_WRITE = Pattern.compile("UPDATE|INSERT|DELETE|MERGE");

    /** H2 calls it read-only. */
    private static final Pattern FOR_UPDATE = Pattern.compile("\\bFOR\\s+UPDATE\\b");

    /** H2 would wait inside, with the gate held; so it is prepared without these words, and waits outside. */
    private static final Pattern WAIT =
            Pattern.compile("\\bFOR\\s+UPDATE\\s+(WAIT\\s+(\\d+(?:\\.\\d+)?))\\s*$", Pattern.CASE_INSENSITIVE);

    private static final Pattern STILL_WAIT = Pattern.compile("\\bFOR\\s+UPDATE\\s+WAIT\\b");

    private static final Pattern NO_WAIT = Pattern.compile("\\bFOR\\s+UPDATE\\s+NOWAIT\\b");

    /** Lets a session prepare the text as it is to be run. */
    static CachedCommand prepared(String sql, SessionLocal session, TableLocks locks) {
        String words = StatementWords.of(sql);
        Matcher wait = WAIT.matcher(words);
        if (!wait.find()) {
            return of(session.prepareLocal(sql), sql, words, -1, session, locks);
        }
        String without = sql.substring(0, wait.start(1)) + sql.substring(wait.end(1));
        double seconds = Double.parseDouble(wait.group(2));
        int waitMillis = (int) Math.min(Integer.MAX_VALUE, Math.round(seconds * 1_000));
        return of(session.prepareLocal(without), without, StatementWords.of(without), waitMillis, session, locks);
    }

    private static CachedCommand of(
            Command command, String sql, String words, int waitMillis, SessionLocal session, TableLocks locks) {
        boolean query = command.isQuery();
        String upper = words.toUpperCase(Locale.ROOT);
        boolean waits = true;
        @Nullable Failure refusal = refusalOf(command);
        boolean changesByQuery = query
                && MAY_WRITE.matcher(FOR_UPDATE.matcher(upper).replaceAll("")).find();
        StatementTables tables =
                StatementTables.of(command, sql, upper, refusal == null && (!query || changesByQuery), session, locks);
        boolean readOnly = query
                && command.isReadOnly()
                && tables.ofWriter().isEmpty()
                && !FOR_UPDATE.matcher(upper).find();
        if (query && !readOnly) {
            waits = !NO_WAIT.matcher(upper).find();
            if (STILL_WAIT.matcher(upper).find()) {
                refusal = Failure.of(
                        ErrorCode.NOT_SUPPORTED,
                        "FOR UPDATE WAIT must end the statement, with a number of seconds; or SET LOCK_TIMEOUT before");
            }
        }
        RepeatableChange change = query || refusal != null ? null : RepeatableChange.of(command);
        return new CachedCommand(
                command, query, readOnly, waits, waitMillis, changesByQuery && !readOnly, change, tables, refusal);
    }

    /** Only what belongs in a branch: no schema change, no setting, no end of a transaction. */
    private static @Nullable Failure refusalOf(Command command) {
        boolean belongs =
                switch (command.getCommandType()) {
                    case CommandInterface.SELECT,
                            CommandInterface.CALL,
                            CommandInterface.EXPLAIN,
                            CommandInterface.INSERT,
                            CommandInterface.UPDATE,
                            CommandInterface.DELETE,
                            CommandInterface.MERGE,
                            CommandInterface.NO_OPERATION,
                            CommandInterface.SAVEPOINT,
                            CommandInterface.ROLLBACK_TO_SAVEPOINT -> true;
                    default -> false;
                };
        if (belongs && command.isTransactional()) {
            return null;
        }
        return Failure.of(
                ErrorCode.NOT_SUPPORTED,
                "this statement does not run in a partition's transaction; schema changes go through the schema log,"
                        + " COMMIT and ROLLBACK through the connection");
    }
}
