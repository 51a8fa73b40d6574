package org.deuterium.router.plan;

import java.util.List;

/**
 * EXPLAIN: the plan of another statement, told in lines of text.
 *
 * @param lines one row of the answer each
 */
public record ExplainPlan(StatementShape shape, List<String> lines) implements RoutedPlan {
    public ExplainPlan {
        lines = List.copyOf(lines);
    }

    @Override
    public Kind kind() {
        return Kind.EXPLAIN;
    }
}
