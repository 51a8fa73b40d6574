package org.deuterium.router.plan;

import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.deuterium.router.catalog.SqlToken;
import org.jspecify.annotations.Nullable;

/** Reads the LIMIT or FETCH FIRST behind an UPDATE or DELETE, of which each partition may use what others left. */
final class LimitedChange {

    /** What each partition would count for itself. */
    static final Set<String> COUNTING_WORDS = Set.of("LIMIT", "FETCH", "TOP", "ROWNUM");

    private LimitedChange() {}

    static boolean countsRows(List<SqlToken> tokens) {
        return tokens.stream().anyMatch(LimitedChange::counts);
    }

    private static boolean counts(SqlToken token) {
        return token.kind() == SqlToken.Kind.WORD && COUNTING_WORDS.contains(token.text());
    }

    /** The change with a question mark for its limit, behind the client's parameters; null for any other way of counting. */
    static Merge.@Nullable Changes of(String sql, List<SqlToken> tokens) {
        int last = tokens.size() - 1;
        int number = tokens.get(last).isWord("ONLY") ? last - 2 : last;
        if (number < 2 || tokens.stream().filter(LimitedChange::counts).count() != 1) {
            return null;
        }
        boolean limit = number == last && tokens.get(number - 1).isWord("LIMIT");
        boolean fetch = number != last
                && (tokens.get(number - 1).isWord("FIRST")
                        || tokens.get(number - 1).isWord("NEXT"))
                && tokens.get(number - 2).isWord("FETCH");
        SqlToken count = tokens.get(number);
        if ((!limit && !fetch) || count.depth() != 0) {
            return null;
        }
        int parameters = (int) tokens.stream()
                .filter(token -> token.kind() == SqlToken.Kind.PARAMETER)
                .count();
        boolean given = count.kind() == SqlToken.Kind.PARAMETER;
        if (!given && (count.kind() != SqlToken.Kind.NUMBER || !count.text().matches("[0-9]{1,18}"))) {
            return null;
        }
        String text = sql.substring(0, count.start()) + "?" + sql.substring(count.end());
        int others = given ? parameters - 1 : parameters;
        int[] places = IntStream.concat(IntStream.range(0, others), IntStream.of(parameters))
                .toArray();
        ClientRowCount rows =
                given ? new ClientRowCount(0, parameters - 1) : new ClientRowCount(Long.parseLong(count.text()), -1);
        return new Merge.Changes(new BoundSql(text, places), null, rows);
    }
}
