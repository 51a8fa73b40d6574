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
 * TOKEN and SET TRANSACTION AS OF.
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
