package org.deuterium.router.plan;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.SqlTokens;
import org.deuterium.router.plan.rule.KeyTuple;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an INSERT or MERGE ... VALUES, each with its partition, so that every partition gets a statement with its
 * own rows.
 *
 * @param head the text up to the first row
 */
public record RowSplit(String head, List<Row> rows) {

    public RowSplit {
        rows = List.copyOf(rows);
    }

    /** One row: its text, its parameters, and the slot it goes to. */
    public record Row(BoundSql text, Routing routing) {}

    /**
     * Takes a statement apart.
     *
     * @param statement its text, and which parameters its question marks are
     * @param keys the key of each row, in the order of the rows
     * @return null if the statement is not just rows behind VALUES
     */
    static @Nullable RowSplit of(BoundSql statement, String partitionSet, List<KeyTuple> keys) {
        String sql = statement.sql();
        List<SqlToken> tokens = SqlTokens.of(sql);
        int values = 0;
        while (values < tokens.size()
                && !(tokens.get(values).depth() == 0 && tokens.get(values).isWord("VALUES"))) {
            if (tokens.get(values).kind() == SqlToken.Kind.PARAMETER) {
                return null;
            }
            values++;
        }
        List<Row> rows = new ArrayList<>();
        int parameter = 0;
        int i = values + 1;
        while (i < tokens.size()) {
            int first = i;
            if (!tokens.get(i).isSymbol('(') || rows.size() == keys.size()) {
                return null;
            }
            List<Integer> places = new ArrayList<>();
            int open = 0;
            do {
                if (i == tokens.size()) {
                    return null;
                }
                SqlToken token = tokens.get(i++);
                open += token.isSymbol('(') ? 1 : token.isSymbol(')') ? -1 : 0;
                if (token.kind() == SqlToken.Kind.PARAMETER) {
                    places.add(place(statement, parameter++));
                }
            } while (open > 0);
            String text =
                    sql.substring(tokens.get(first).start(), tokens.get(i - 1).end());
            rows.add(new Row(
                    new BoundSql(text, places.stream().mapToInt(p -> p).toArray()),
                    KeyRouting.of(partitionSet, List.of(keys.get(rows.size())))));
            if (i < tokens.size() && !tokens.get(i++).isSymbol(',')) {
                return null;
            }
        }
        return rows.size() < 2 || rows.size() != keys.size()
                ? null
                : new RowSplit(sql.substring(0, tokens.get(values).end()), rows);
    }

    private static int place(BoundSql statement, int parameter) {
        int[] places = statement.parameters();
        return places == null ? parameter : places[parameter];
    }

    /** The statement with these rows only. */
    public BoundSql with(List<Row> some) {
        String text = head + " " + some.stream().map(row -> row.text().sql()).collect(joining(", "));
        int[] places = some.stream()
                .flatMapToInt(row -> java.util.Arrays.stream(
                        java.util.Objects.requireNonNull(row.text().parameters())))
                .toArray();
        return new BoundSql(text, places);
    }
}
