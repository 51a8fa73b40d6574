package org.deuterium.router.plan;

import org.jspecify.annotations.Nullable;

/**
 * A statement that partitions run. If the routing comes down to one partition, {@code sql} goes there; else it is
 * gathered as {@code merge} says, and refused (before anything is done) if there is no merge.
 *
 * @param sql the client's own text (or {@code drawn.sql()} when keys must be drawn)
 * @param merge how to put several partitions' answers together; null if this statement cannot be run on several
 * @param refusal what to tell the client when there is no merge and several partitions are needed
 * @param drawn the values the router must draw from a sequence before it can route; null in most plans
 */
public record DataPlan(
        StatementShape shape,
        String sql,
        Routing routing,
        @Nullable Merge merge,
        String refusal,
        @Nullable DrawnKeys drawn)
        implements RoutedPlan {

    @Override
    public Kind kind() {
        return merge == null ? Kind.ONE_PARTITION : Kind.GATHER;
    }
}
