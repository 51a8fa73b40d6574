package org.deuterium.router.plan;

import java.util.List;

/**
 * EXPLAIN: the plan of another statement, told in lines of text.
 *
 * @param lines one row of the answer each
 * @param plainRead true if the statement only reads: what it gets then depends on the session's settings too
 */
public record ExplainPlan(StatementShape shape, List<String> lines, boolean plainRead) implements RoutedPlan {
    public ExplainPlan {
        lines = List.copyOf(lines);
    }

    @Override
    public Kind kind() {
        return Kind.EXPLAIN;
    }
}
