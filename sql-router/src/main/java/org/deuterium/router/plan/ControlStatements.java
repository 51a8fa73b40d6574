package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.sql.Connection;
import java.util.List;
import java.util.Set;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.plan.SessionPlan.Property;
import org.deuterium.router.plan.TransactionPlan.Action;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.h2.message.DbException;
import org.h2.util.TimeZoneProvider;
import org.jspecify.annotations.Nullable;

/** Reads statements that concern only the session: transactions and SET. H2 has checked their syntax before. */
final class ControlStatements {

    /** H2's number for a level that java.sql.Connection does not know. */
    private static final int TRANSACTION_SNAPSHOT = 6;

    /** Settings that H2 lets everyone set and that change nothing here. */
    private static final Set<String> WITHOUT_EFFECT = Set.of("THROTTLE", "NON_KEYWORDS", "CACHE_SIZE");

    private final CatalogSnapshot snapshot;
    private final StatementShape shape;

    ControlStatements(CatalogSnapshot snapshot) {
        this.snapshot = snapshot;
        this.shape = new StatementShape(snapshot.version(), false, false, false, true, List.of(), List.of());
    }

    /** The plan of a statement that begins, ends or divides a transaction, or null if it is none. */
    @Nullable
    RoutedPlan transaction(List<SqlToken> tokens) {
        String second = word(tokens, 1);
        return switch (word(tokens, 0)) {
            case "BEGIN" -> plan(Action.BEGIN, "");
            case "START" -> second.equals("TRANSACTION") ? plan(Action.BEGIN, "") : null;
            case "COMMIT" -> {
                refuseNamed(tokens, second);
                yield plan(Action.COMMIT, "");
            }
            case "ROLLBACK" -> {
                refuseNamed(tokens, second);
                yield second.equals("TO")
                        ? plan(Action.ROLLBACK_TO_SAVEPOINT, last(tokens))
                        : plan(Action.ROLLBACK, "");
            }
            case "SAVEPOINT" -> plan(Action.SAVEPOINT, last(tokens));
            case "RELEASE" -> plan(Action.RELEASE_SAVEPOINT, last(tokens));
            default -> null;
        };
    }

    private static void refuseNamed(List<SqlToken> tokens, String second) {
        if (second.equals("TRANSACTION") && tokens.size() > 2) {
            throw notSupported("H2's two-phase commit by name (PREPARE COMMIT, COMMIT TRANSACTION) is not supported; "
                    + "Deuterium commits across partitions by itself");
        }
    }

    private TransactionPlan plan(Action action, String savepoint) {
        return new TransactionPlan(shape, action, savepoint);
    }

    /** The plan of SET. */
    RoutedPlan set(List<SqlToken> tokens) {
        String name = word(tokens, 1);
        int value = tokens.size() > 2
                        && (tokens.get(2).isSymbol('=') || tokens.get(2).isWord("TO"))
                ? 3
                : 2;
        switch (name) {
            case "SCHEMA":
                return schema(tokens.get(value));
            case "LOCK_TIMEOUT":
                return session(Property.LOCK_TIMEOUT_MILLIS, number(name, tokens, value));
            case "QUERY_TIMEOUT":
                return session(Property.QUERY_TIMEOUT_MILLIS, number(name, tokens, value));
            case "AUTOCOMMIT":
                boolean on = Set.of("ON", "TRUE").contains(word(tokens, value));
                return plan(on ? Action.AUTOCOMMIT_ON : Action.AUTOCOMMIT_OFF, "");
            case "TIME":
                return timeZone(tokens);
            case "SESSION":
                return isolation(tokens);
            default:
                if (WITHOUT_EFFECT.contains(name)) {
                    return session(Property.NONE, "");
                }
                throw notSupported(
                        "SET " + name + " is not supported: it would concern one database of many. "
                                + "SET SCHEMA, LOCK_TIMEOUT, QUERY_TIMEOUT, AUTOCOMMIT, TIME ZONE and SESSION CHARACTERISTICS are");
        }
    }

    private SessionPlan session(Property property, String value) {
        return new SessionPlan(shape, property, value);
    }

    private SessionPlan schema(SqlToken token) {
        String name = token.kind() == SqlToken.Kind.STRING ? unquoted(token) : token.text();
        if (!snapshot.schemas().contains(name)) {
            throw new StatementRefusedException(
                    new Failure(ErrorCode.SQL_ERROR, "90079", 90079, "Schema \"" + name + "\" not found", false));
        }
        return session(Property.SCHEMA, name);
    }

    private SessionPlan timeZone(List<SqlToken> tokens) {
        SqlToken zone = tokens.get(tokens.size() - 1);
        if (zone.isWord("LOCAL")) {
            return session(Property.TIME_ZONE, "");
        }
        if (zone.kind() != SqlToken.Kind.STRING) {
            throw notSupported("SET TIME ZONE " + zone.text() + " is not supported; name the zone as 'Europe/Paris' or "
                    + "'GMT+01:00'");
        }
        try {
            return session(
                    Property.TIME_ZONE, TimeZoneProvider.ofId(unquoted(zone)).getId());
        } catch (RuntimeException e) {
            DbException failure = DbException.getInvalidValueException("TIME ZONE", unquoted(zone));
            throw org.deuterium.router.catalog.H2Failures.refused(failure);
        }
    }

    private SessionPlan isolation(List<SqlToken> tokens) {
        String level = word(tokens, tokens.size() - 1);
        int number =
                switch (level) {
                    case "UNCOMMITTED" -> Connection.TRANSACTION_READ_UNCOMMITTED;
                    case "COMMITTED" -> Connection.TRANSACTION_READ_COMMITTED;
                    case "READ" -> Connection.TRANSACTION_REPEATABLE_READ;
                    case "SNAPSHOT" -> TRANSACTION_SNAPSHOT;
                    case "SERIALIZABLE" -> Connection.TRANSACTION_SERIALIZABLE;
                    default ->
                        throw notSupported("transaction isolation ... " + level
                                + " is not supported; READ COMMITTED, REPEATABLE READ, SNAPSHOT and SERIALIZABLE are");
                };
        return session(Property.ISOLATION, String.valueOf(number));
    }

    private static String number(String name, List<SqlToken> tokens, int at) {
        SqlToken token = tokens.get(at);
        if (token.kind() != SqlToken.Kind.NUMBER) {
            throw notSupported("SET " + name + " takes a number of milliseconds, not " + token.text());
        }
        return token.text();
    }

    private static String unquoted(SqlToken string) {
        return string.text().substring(1, string.text().length() - 1).replace("''", "'");
    }

    private static String word(List<SqlToken> tokens, int i) {
        return i < tokens.size() && tokens.get(i).kind() == SqlToken.Kind.WORD
                ? tokens.get(i).text()
                : "";
    }

    private static String sql(List<SqlToken> tokens) {
        return tokens.size() > 2 ? tokens.get(1).text() + tokens.get(2).text() : "";
    }

    private static String last(List<SqlToken> tokens) {
        return tokens.get(tokens.size() - 1).text();
    }
}
