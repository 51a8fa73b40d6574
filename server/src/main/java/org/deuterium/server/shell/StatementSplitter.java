package org.deuterium.server.shell;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a script at its semicolons: not at those in strings, quoted names, comments or {@code $$} texts. A part that is
 * only white space and comments is no statement.
 */
final class StatementSplitter {

    private final String script;
    private final List<String> statements = new ArrayList<>();
    private int start;
    private boolean meaningful;

    private StatementSplitter(String script) {
        this.script = script;
    }

    static List<String> split(String script) {
        StatementSplitter splitter = new StatementSplitter(script);
        splitter.run();
        return splitter.statements;
    }

    private void run() {
        int at = 0;
        while (at < script.length()) {
            char c = script.charAt(at);
            if (c == ';') {
                end(at);
                at++;
                start = at;
            } else if (c == '\'' || c == '"' || c == '`') {
                meaningful = true;
                at = after(String.valueOf(c), at + 1);
            } else if (script.startsWith("$$", at)) {
                meaningful = true;
                at = after("$$", at + 2);
            } else if (script.startsWith("--", at) || script.startsWith("//", at)) {
                at = after("\n", at);
            } else if (script.startsWith("/*", at)) {
                at = after("*/", at + 2);
            } else {
                meaningful |= !Character.isWhitespace(c);
                at++;
            }
        }
        end(script.length());
    }

    private int after(String end, int from) {
        int found = script.indexOf(end, from);
        return found < 0 ? script.length() : found + end.length();
    }

    private void end(int at) {
        if (meaningful) {
            statements.add(script.substring(start, at).strip());
        }
        meaningful = false;
    }
}
