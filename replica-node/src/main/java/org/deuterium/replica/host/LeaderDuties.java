package org.deuterium.replica.host;

import org.deuterium.wire.Term;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** Who runs client work at a replica while it leads. The calls come from the replica's applier, one at a time. */
public interface LeaderDuties {

    /** H2 shows everything that was committed before this term, and nobody is served yet: what must be done first. */
    void beforeServing(Term term);

    /** H2 shows everything that was committed before this term: work may begin. */
    void serve(Term term);

    /**
     * The replica no longer leads: rolls back every transaction that is not in the log, and returns only when none is
     * open any more, because the entries of the next leader are applied after it.
     */
    void stepDown();

    /** A schema change was applied, here, at its place in the log; with a failure it changed nothing but the version. */
    void schemaApplied(long version, @Nullable Failure failure);
}
