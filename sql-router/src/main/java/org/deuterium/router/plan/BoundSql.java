package org.deuterium.router.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A text the planner made, and which of the client's parameters its question marks are.
 *
 * @param sql what to run
 * @param parameters for each {@code ?} in {@code sql} the place of the client's parameter, from 0; null when they are
 *     the client's parameters as they come
 */
public record BoundSql(String sql, int @Nullable [] parameters) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof BoundSql that && sql.equals(that.sql) && Arrays.equals(parameters, that.parameters);
    }

    @Override
    public int hashCode() {
        return sql.hashCode() * 31 + Arrays.hashCode(parameters);
    }

    @Override
    public String toString() {
        return parameters == null ? sql : sql + " " + Arrays.toString(parameters);
    }
}
