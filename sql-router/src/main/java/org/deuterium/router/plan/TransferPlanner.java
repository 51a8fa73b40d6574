package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.SqlTokens;
import org.deuterium.router.catalog.StatementFacts;

/**
 * Plans INSERT ... SELECT whose rows do not go to the partition they come from: the query by itself, and INSERT ... VALUES
 * of the rows it gives.
 */
final class TransferPlanner {

    private static final Set<String> QUERY_WORDS = Set.of("SELECT", "WITH", "VALUES", "TABLE");

    private final CatalogDatabase catalog;
    private final String schema;

    TransferPlanner(CatalogDatabase catalog, String schema) {
        this.catalog = catalog;
        this.schema = schema;
    }

    /**
     * The two plans.
     *
     * @param tokens those of INSERT INTO table [(columns)] [OVERRIDING ... VALUE] query
     * @param always false if the statement may also find source and target in one partition, which runs it then
     * @throws org.deuterium.router.catalog.StatementRefusedException if one of them cannot be done
     */
    Merge.Transfer plan(String sql, List<SqlToken> tokens, boolean always) {
        int first = tokens.get(startOfQuery(tokens)).start();
        String query = sql.substring(first);
        StatementFacts facts = catalog.prepare(schema, query);
        RoutedPlan read = planned(query, facts);
        String insert = sql.substring(0, first) + "VALUES ("
                + String.join(", ", Collections.nCopies(facts.columns().size(), "?")) + ")";
        if (!(planned(insert, catalog.prepare(schema, insert)) instanceof DataPlan insertPlan)) {
            throw new IllegalStateException("an INSERT that writes nothing: " + insert);
        }
        return new Merge.Transfer(new BoundSql(sql, null), read, insertPlan, always);
    }

    private RoutedPlan planned(String text, StatementFacts facts) {
        return new DataStatements(catalog, schema, facts).plan(text, SqlTokens.of(text));
    }

    private static int startOfQuery(List<SqlToken> tokens) {
        int i = 3;
        while (i < tokens.size() && tokens.get(i).isSymbol('.')) {
            i += 2;
        }
        if (i + 1 < tokens.size() && tokens.get(i).isSymbol('(') && !beginsQuery(tokens.get(i + 1))) {
            while (!(tokens.get(i).isSymbol(')'))) {
                i++;
            }
            i++;
        }
        if (i < tokens.size() && tokens.get(i).isWord("OVERRIDING")) {
            i += 3;
        }
        if (i >= tokens.size()) {
            throw notSupported(
                    "this form of INSERT ... SELECT over several partitions is not supported yet; write INSERT"
                            + " INTO table (columns) SELECT");
        }
        return i;
    }

    private static boolean beginsQuery(SqlToken token) {
        return token.isSymbol('(') || QUERY_WORDS.stream().anyMatch(token::isWord);
    }
}
