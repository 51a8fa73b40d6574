package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.plan.SessionPlan.Property;
import org.jspecify.annotations.Nullable;

/**
 * Reads the SET statements that H2 does not know: SET READ_PREFERENCE, MAX_STALENESS, READ_YOUR_WRITES, MONOTONIC_READS,
 * CONSISTENT_PREFIX, IDLE_TRANSACTION_TIMEOUT, AS_OF (each also in one word, as the connection property is called), SET SESSION
 * TOKEN, SET TRANSACTION AS OF, and READ ONLY or READ WRITE of SET TRANSACTION and SET SESSION CHARACTERISTICS AS TRANSACTION.
 */
final class ReadSettings {

    private static final Map<String, Property> NAMES = Map.of(
            "READPREFERENCE", Property.READ_PREFERENCE,
            "MAXSTALENESS", Property.MAX_STALENESS,
            "READYOURWRITES", Property.READ_YOUR_WRITES,
            "MONOTONICREADS", Property.MONOTONIC_READS,
            "CONSISTENTPREFIX", Property.CONSISTENT_PREFIX,
            "IDLETRANSACTIONTIMEOUT", Property.IDLE_TRANSACTION_MILLIS,
            "ASOF", Property.AS_OF);

    private final CatalogSnapshot snapshot;

    ReadSettings(CatalogSnapshot snapshot) {
        this.snapshot = snapshot;
    }

    /** The plan of a SET of these, or null if it sets something else. */
    @Nullable
    SessionPlan set(List<SqlToken> tokens) {
        if (tokens.size() < 2) {
            return null;
        }
        String name = tokens.get(1).text().replace("_", "").toUpperCase(Locale.ROOT);
        if (name.equals("TRANSACTION") && tokens.size() > 3 && tokens.get(3).isWord("OF")) {
            return plan(Property.TRANSACTION_AS_OF, value(tokens, afterTimestamp(tokens, 4)));
        }
        if (isAccessMode(tokens, name.equals("TRANSACTION") ? 2 : 5)
                && (name.equals("TRANSACTION")
                        || (name.equals("SESSION") && tokens.get(2).isWord("CHARACTERISTICS")))) {
            Property property = name.equals("SESSION") ? Property.READ_ONLY : Property.TRANSACTION_READ_ONLY;
            return plan(property, Boolean.toString(tokens.get(tokens.size() - 1).isWord("ONLY")));
        }
        if (name.equals("SESSION") && tokens.get(tokens.size() - 2).isWord("OF")) {
            throw notSupported("SET SESSION CHARACTERISTICS ... AS OF is not supported; SET AS_OF '-10s' is the same");
        }
        Property property = NAMES.get(name);
        int value = 2;
        if (property == null) {
            boolean token =
                    name.equals("SESSION") && tokens.size() > 2 && tokens.get(2).isWord("TOKEN");
            if (!token) {
                return null;
            }
            property = Property.SESSION_TOKEN;
            value = 3;
        }
        if (value < tokens.size()
                && (tokens.get(value).isSymbol('=') || tokens.get(value).isWord("TO"))) {
            value++;
        }
        return plan(property, value(tokens, property == Property.AS_OF ? afterTimestamp(tokens, value) : value));
    }

    /** True if the text ends, from there, with a transaction access mode of the SQL standard. */
    private static boolean isAccessMode(List<SqlToken> tokens, int at) {
        return tokens.size() == at + 2
                && tokens.get(at).isWord("READ")
                && (tokens.get(at + 1).isWord("ONLY") || tokens.get(at + 1).isWord("WRITE"));
    }

    private SessionPlan plan(Property property, String value) {
        StatementShape shape = new StatementShape(snapshot.version(), false, false, false, true, List.of(), List.of());
        return new SessionPlan(shape, property, value);
    }

    /** Where a literal's text is: SQL writes TIMESTAMP or TIMESTAMP WITH TIME ZONE before it. */
    private static int afterTimestamp(List<SqlToken> tokens, int at) {
        boolean typed = at + 1 < tokens.size() && tokens.get(at).isWord("TIMESTAMP");
        return typed ? tokens.size() - 1 : at;
    }

    private static String value(List<SqlToken> tokens, int at) {
        if (tokens.size() != at + 1) {
            throw notSupported(
                    "SET " + tokens.get(1).text() + " takes one value; quote it if it is more than a word or a number");
        }
        SqlToken token = tokens.get(at);
        return token.kind() == SqlToken.Kind.STRING
                ? token.text().substring(1, token.text().length() - 1).replace("''", "'")
                : token.text();
    }
}
