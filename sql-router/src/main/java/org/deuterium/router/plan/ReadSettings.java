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
 * CONSISTENT_PREFIX, IDLE_TRANSACTION_TIMEOUT (each also in one word, as the connection property is called) and SET SESSION
 * TOKEN.
 */
final class ReadSettings {

    private static final Map<String, Property> NAMES = Map.of(
            "READPREFERENCE", Property.READ_PREFERENCE,
            "MAXSTALENESS", Property.MAX_STALENESS,
            "READYOURWRITES", Property.READ_YOUR_WRITES,
            "MONOTONICREADS", Property.MONOTONIC_READS,
            "CONSISTENTPREFIX", Property.CONSISTENT_PREFIX,
            "IDLETRANSACTIONTIMEOUT", Property.IDLE_TRANSACTION_MILLIS);

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
            throw notSupported(
                    "SET TRANSACTION AS OF is not supported yet: no partition keeps its past; a transaction at"
                            + " REPEATABLE READ sees the state of its first statement's moment until its end");
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
        StatementShape shape = new StatementShape(snapshot.version(), false, false, false, true, List.of(), List.of());
        return new SessionPlan(shape, property, value(tokens, value));
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
