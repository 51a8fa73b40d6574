package org.deuterium.router.plan.rule;

import org.jspecify.annotations.Nullable;

/**
 * A part of a statement whose conditions hold for its own rows only: a sub-query, or the side of an outer join that may
 * be filled with NULLs. What is known inside must not restrict what is outside.
 */
final class Island {

    private final @Nullable Island parent;
    private final boolean nullable;
    private boolean open;

    Island(@Nullable Island parent) {
        this(parent, false);
    }

    private Island(@Nullable Island parent, boolean nullable) {
        this.parent = parent;
        this.nullable = nullable;
    }

    /** The side of an outer join whose columns are NULL where nothing matched. */
    Island nullableSide() {
        return new Island(this, true);
    }

    /** True if rows of the other island can hold NULLs for columns of this one. */
    boolean isNullableIn(Island other) {
        for (Island island = this; island != null && island != other; island = island.parent) {
            if (island.nullable) {
                return true;
            }
        }
        return false;
    }

    /** From now on a condition in the parent that no NULL passes counts as a condition here. */
    void open() {
        open = true;
    }

    boolean isOutermost() {
        return parent == null;
    }

    boolean isWithin(Island other) {
        for (Island island = this; island != null; island = island.parent) {
            if (island == other) {
                return true;
            }
        }
        return false;
    }

    /** True if conditions of this island apply to all rows of the other. */
    boolean governs(Island other) {
        Island island = other;
        while (island != this) {
            if (!island.open || island.parent == null) {
                return false;
            }
            island = island.parent;
        }
        return true;
    }
}
