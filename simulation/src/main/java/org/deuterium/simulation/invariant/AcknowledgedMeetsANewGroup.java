package org.deuterium.simulation.invariant;

import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** When a new group is written, as many of its disks as its ack rule wants hold whatever was acknowledged under an older one. */
public final class AcknowledgedMeetsANewGroup {

    private final DiskCount count;
    private @Nullable LogEntry last;

    AcknowledgedMeetsANewGroup(DiskCount count) {
        this.count = count;
    }

    void forget() {
        last = null;
    }

    void onAcknowledged(LogEntry entry) {
        if (last == null || entry.index().isAfter(last.index())) {
            last = entry;
        }
    }

    void check(ReplicaGroup written) {
        if (last != null && count.holders(written, last) < DiskCount.needed(written)) {
            throw new InvariantBroken(
                    getClass(),
                    written + " is written, but " + count.holders(written, last) + " of its disks hold " + last
                            + ", which was acknowledged; " + DiskCount.needed(written) + " must");
        }
    }
}
