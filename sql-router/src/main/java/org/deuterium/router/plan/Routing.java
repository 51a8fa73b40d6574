package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/** Which partitions a statement needs, as a function of its parameters: a set of partitions, and slots in it. */
public interface Routing {

    /** What {@link #slot} says when there is not exactly one. */
    int SEVERAL = -1;

    /** The name of the set of partitions; "home" for plain tables. */
    String partitionSet();

    /** The names of the sets of partitions of which any one partition will do; empty if the slots decide. */
    default List<String> copiesIn() {
        return List.of();
    }

    /**
     * The one slot the statement needs, or {@link #SEVERAL}; this is the hot path, nothing is allocated.
     *
     * @param set which of the parameter sets, from 0
     */
    int slot(ParameterRows parameters, int set);

    /**
     * All slots the statement needs, each once; null means every partition of the set.
     *
     * @param set which of the parameter sets, from 0
     */
    int @Nullable [] slots(ParameterRows parameters, int set);
}
