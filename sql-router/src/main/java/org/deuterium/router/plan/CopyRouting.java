package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.router.catalog.PartitionSetSpec;
import org.deuterium.wire.statement.ParameterRows;

/** A read of REPLICATED tables alone: one partition answers it, any of those that have a copy. */
final class CopyRouting implements Routing {

    private static final int[] HOME_SLOT = {0};

    private final List<String> sets;

    /** @param sets the names of the sets of partitions that have copies */
    CopyRouting(List<String> sets) {
        this.sets = List.copyOf(sets);
    }

    @Override
    public String partitionSet() {
        return PartitionSetSpec.HOME.name();
    }

    @Override
    public List<String> copiesIn() {
        return sets;
    }

    @Override
    public int slot(ParameterRows parameters, int set) {
        return 0;
    }

    @Override
    public int[] slots(ParameterRows parameters, int set) {
        return HOME_SLOT;
    }

    @Override
    public String toString() {
        return "any of " + sets;
    }
}
