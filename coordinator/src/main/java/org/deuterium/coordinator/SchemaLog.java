package org.deuterium.coordinator;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The ordered log of every schema change. Reading uses this process's picture and never blocks; writing blocks until
 * the board has answered, so it is not for event loops. One proposal is open at a time.
 */
public interface SchemaLog {

    /** The last version decided, as far as this process knows; 0 before the first. */
    long version();

    /** The changes decided after this version, in order, up to {@link #version()}. */
    List<SchemaChange> changesAfter(long version);

    /** The open proposal, as far as this process knows. */
    @Nullable
    SchemaProposal proposal();

    /**
     * Proposes the change that is to follow {@code expectedVersion}.
     *
     * @return the proposal, or null if the log has another version by now or another proposal is open: read again
     * @throws CoordinatorException if the board cannot be reached, or the change is too large for it
     */
    @Nullable
    SchemaProposal propose(long expectedVersion, String sql, String partitionSql, String placement);

    /**
     * Makes the proposal the next version of the schema.
     *
     * @return false if it was dropped before
     * @throws CoordinatorException if the board cannot be reached; the outcome is unknown until it can
     */
    boolean decide(SchemaProposal proposal);

    /** Takes the proposal back; does nothing if it was decided or dropped before. */
    void drop(SchemaProposal proposal);
}
