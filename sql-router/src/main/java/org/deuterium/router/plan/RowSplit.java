package org.deuterium.router.plan;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.SqlTokens;
import org.deuterium.router.plan.rule.KeyTuple;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an INSERT or MERGE ... VALUES, or of MERGE ... USING (VALUES ...), each with its partition, so that every partition gets a statement with its
 * own rows.
 *
 * @param head the text up to the first row
 * @param tail the text behind the last row
 */
public record RowSplit(String head, List<Row> rows, BoundSql tail) {

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
     * @param source true for the rows of MERGE ... USING (VALUES ...), false for those that end INSERT and MERGE ... VALUES
     * @return null if the statement is not of that form
     */
    static @Nullable RowSplit of(BoundSql statement, String partitionSet, List<KeyTuple> keys, boolean source) {
        String sql = statement.sql();
        List<SqlToken> tokens = SqlTokens.of(sql);
        int values = 0;
        while (values < tokens.size() && !beginsRows(tokens, values, source)) {
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
            List<Integer> placesOfRow = new ArrayList<>();
            int open = 0;
            do {
                if (i == tokens.size()) {
                    return null;
                }
                SqlToken token = tokens.get(i++);
                open += token.isSymbol('(') ? 1 : token.isSymbol(')') ? -1 : 0;
                if (token.kind() == SqlToken.Kind.PARAMETER) {
                    placesOfRow.add(place(statement, parameter++));
                }
            } while (open > 0);
            String text =
                    sql.substring(tokens.get(first).start(), tokens.get(i - 1).end());
            rows.add(new Row(bound(text, placesOfRow), KeyRouting.of(partitionSet, List.of(keys.get(rows.size())))));
            if (source && i < tokens.size() && tokens.get(i).isSymbol(')')) {
                break;
            }
            if (i < tokens.size() && !tokens.get(i++).isSymbol(',')) {
                return null;
            }
        }
        int behind = i;
        List<Integer> places = new ArrayList<>();
        for (; i < tokens.size(); i++) {
            if (tokens.get(i).kind() == SqlToken.Kind.PARAMETER) {
                places.add(place(statement, parameter++));
            }
        }
        BoundSql tail = bound(
                behind == tokens.size() ? "" : sql.substring(tokens.get(behind).start()), places);
        return rows.size() < 2 || rows.size() != keys.size()
                ? null
                : new RowSplit(sql.substring(0, tokens.get(values).end()), rows, tail);
    }

    private static boolean beginsRows(List<SqlToken> tokens, int at, boolean source) {
        boolean values = tokens.get(at).isWord("VALUES");
        return source
                ? values
                        && at > 1
                        && tokens.get(at - 1).isSymbol('(')
                        && tokens.get(at - 2).isWord("USING")
                : values && tokens.get(at).depth() == 0;
    }

    private static BoundSql bound(String text, List<Integer> places) {
        return new BoundSql(text, places.stream().mapToInt(place -> place).toArray());
    }

    private static int place(BoundSql statement, int parameter) {
        int[] places = statement.parameters();
        return places == null ? parameter : places[parameter];
    }

    /** The statement with these rows only. */
    public BoundSql with(List<Row> some) {
        String text = head + " " + some.stream().map(row -> row.text().sql()).collect(joining(", ")) + tail.sql();
        int[] places = Stream.concat(some.stream().map(Row::text), Stream.of(tail))
                .flatMapToInt(part -> Arrays.stream(Objects.requireNonNull(part.parameters())))
                .toArray();
        return new BoundSql(text, places);
    }
}
