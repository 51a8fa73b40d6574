package org.deuterium.router.catalog;

import java.util.Locale;

/**
 * One word of an SQL text.
 *
 * @param text a WORD in upper case, a QUOTED name without its quotes, all others as written
 * @param start where it begins in the text
 * @param end behind its last character
 * @param depth how many parentheses are open around it
 */
public record SqlToken(Kind kind, String text, int start, int end, int depth) {

    /** What a token is. */
    public enum Kind {
        WORD,
        QUOTED,
        STRING,
        NUMBER,
        PARAMETER,
        SYMBOL
    }

    public boolean isWord(String word) {
        return kind == Kind.WORD && text.equals(word);
    }

    public boolean isSymbol(char symbol) {
        return kind == Kind.SYMBOL && text.length() == 1 && text.charAt(0) == symbol;
    }

    /** True for what may name a table or a column. */
    public boolean isName() {
        return kind == Kind.WORD || kind == Kind.QUOTED;
    }

    /** The name in upper case, for finding every table it might mean. */
    public String upperName() {
        return text.toUpperCase(Locale.ROOT);
    }
}
