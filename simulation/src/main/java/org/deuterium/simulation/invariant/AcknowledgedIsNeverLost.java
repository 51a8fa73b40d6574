package org.deuterium.simulation.invariant;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/** What a client was told is committed is in the log of every later leader, at the same place. */
public final class AcknowledgedIsNeverLost {

    /** By index - 1; null where nobody waited for the entry. */
    private final List<@Nullable LogEntry> acknowledged = new ArrayList<>();

    /** What was acknowledged so far is from now on only as safe as ASYNC makes it. */
    void forget() {
        acknowledged.clear();
    }

    void onAcknowledged(NodeId by, LogEntry entry, TransactionId transaction) {
        if (!entry.transaction().equals(transaction)) {
            throw new InvariantBroken(
                    getClass(), by + " acknowledges " + transaction + " for " + entry + " of " + entry.transaction());
        }
        int place = (int) entry.index().position() - 1;
        while (acknowledged.size() <= place) {
            acknowledged.add(null);
        }
        acknowledged.set(place, entry);
    }

    /** A leader of an earlier term, who comes late, cannot have it, and can do nothing. */
    void checkLeader(NodeId leader, Term term, SimulatedDisk disk) {
        // what it has applied is compared by SamePrefixApplied
        for (long index = disk.applied().size() + 1; index <= acknowledged.size(); index++) {
            LogEntry known = acknowledged.get((int) index - 1);
            LogEntry held = disk.entry(index);
            if (known != null && known.term().isBefore(term) && !known.equals(held)) {
                throw new InvariantBroken(
                        getClass(),
                        leader + " leads " + term + " without " + known + " of " + known.transaction()
                                + ", which was acknowledged; it has "
                                + (held == null ? "nothing there" : held + " of " + held.transaction()));
            }
        }
    }
}
