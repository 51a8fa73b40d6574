package org.deuterium.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/**
 * The replica's part, its term or the leader it knows has changed.
 *
 * <p>When {@code lost} is not null the replica led until now: before anything else the host rolls back every open H2
 * transaction; proposals appended at an index after {@code lost} have an unknown outcome (only the log of the next
 * leader decides), all others are committed and will be applied.
 *
 * @param leader who leads the term, null if not known
 * @param leading true if this replica does
 * @param serveFrom if it leads: the index of its term's first entry. It may serve once that is applied
 * @param lost if it led an earlier term until now: its commit index
 */
public record RoleChange(
        Term term,
        @Nullable NodeId leader,
        boolean leading,
        LogIndex serveFrom,
        @Nullable LogIndex lost) {

    /** For people. */
    @Override
    public String toString() {
        return (leading ? "leads" : "follows " + (leader == null ? "nobody" : leader)) + " in " + term;
    }
}
