package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.List;
import java.util.Set;

/**
 * The options of sequences and identity columns in the text of a schema change. Each replica evaluates them when it comes to
 * the change, so their values are to be numbers: a clock or a random number would differ, and a query would see the rows
 * of one partition.
 */
final class SequenceOptionText {

    private static final Set<String> WITH_VALUE =
            Set.of("START", "RESTART", "INCREMENT", "MINVALUE", "MAXVALUE", "CACHE");

    /** What may stand between an option and its number, or begin another option. */
    private static final Set<String> OTHERS = Set.of(
            "WITH",
            "BY",
            "NO",
            "CYCLE",
            "EXHAUSTED",
            "NOMINVALUE",
            "NOMAXVALUE",
            "NOCYCLE",
            "NOCACHE",
            "ORDER",
            "NOORDER",
            "AS",
            "SET",
            "BELONGS_TO_TABLE");

    private SequenceOptionText() {}

    /** @throws StatementRefusedException if the value of an option is no number */
    static void check(List<SqlToken> tokens) {
        String verb = tokens.get(0).text();
        int object = wordAt(tokens, 1).equals("OR") ? 3 : 1;
        if (wordAt(tokens, object).equals("SEQUENCE")) {
            checkOptions(tokens, behindName(tokens, object + 1), tokens.size());
        } else if (wordAt(tokens, object).equals("TABLE")) {
            if (verb.equals("ALTER")) {
                checkAlterColumn(tokens, behindName(tokens, object + 1));
            }
            checkIdentities(tokens);
        }
    }

    /** ... ALTER [COLUMN] [IF EXISTS] name RESTART ... or SET [option]. */
    private static void checkAlterColumn(List<SqlToken> tokens, int from) {
        if (!wordAt(tokens, from).equals("ALTER")) {
            return;
        }
        int i = behindName(tokens, wordAt(tokens, from + 1).equals("COLUMN") ? from + 2 : from + 1);
        String next = wordAt(tokens, i + 1);
        boolean option =
                WITH_VALUE.contains(next) || next.equals("GENERATED") || next.equals("NO") || next.equals("CYCLE");
        if (wordAt(tokens, i).equals("RESTART") || (wordAt(tokens, i).equals("SET") && option)) {
            checkOptions(tokens, i, tokens.size());
        }
    }

    /** ... AS IDENTITY (options) in the definition of a column. */
    private static void checkIdentities(List<SqlToken> tokens) {
        for (int i = 0; i + 1 < tokens.size(); i++) {
            if (tokens.get(i).isWord("IDENTITY") && tokens.get(i + 1).isSymbol('(')) {
                int end = i + 2;
                while (end < tokens.size()
                        && tokens.get(end).depth() > tokens.get(i).depth()) {
                    end++;
                }
                checkOptions(tokens, i + 2, end);
            }
        }
    }

    private static void checkOptions(List<SqlToken> tokens, int from, int to) {
        String option = "";
        for (int i = from; i < to; i++) {
            SqlToken token = tokens.get(i);
            boolean word = token.kind() == SqlToken.Kind.WORD;
            if (word && WITH_VALUE.contains(token.text())) {
                option = token.text();
            } else if (word && OTHERS.contains(token.text())) {
                option = Set.of("WITH", "BY").contains(token.text()) ? option : "";
            } else if (!option.isEmpty()
                    && token.kind() != SqlToken.Kind.NUMBER
                    && token.kind() != SqlToken.Kind.SYMBOL) {
                throw notSupported(option + " of a sequence or identity column with " + token.text()
                        + " is not supported: each replica would compute the value from its own clock, or the rows of"
                        + " one partition; query the value first, and write the number");
            }
        }
    }

    private static int behindName(List<SqlToken> tokens, int from) {
        int i = from;
        while (Set.of("IF", "NOT", "EXISTS").contains(wordAt(tokens, i))) {
            i++;
        }
        i++;
        while (i + 1 < tokens.size() && tokens.get(i).isSymbol('.')) {
            i += 2;
        }
        return i;
    }

    private static String wordAt(List<SqlToken> tokens, int i) {
        return i < tokens.size() && tokens.get(i).kind() == SqlToken.Kind.WORD
                ? tokens.get(i).text()
                : "";
    }
}
