package org.deuterium.replica.service;

import java.util.Objects;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.wire.PartitionId;

/** The database behind a service's partition, for tests that hold it up. */
public final class ServedStorage {

    private ServedStorage() {}

    public static H2Storage of(PartitionService service, PartitionId partition) {
        return Objects.requireNonNull(service.at(partition)).host().storage();
    }

    /** How many transactions of a partition led here wait for a lock, also while they try again whether it is free. */
    public static long waiting(PartitionService service, PartitionId partition) {
        return Objects.requireNonNull(service.at(partition)).branches().all().stream()
                .filter(branch -> branch.shownState().equals(OpenBranch.State.WAITING.name()))
                .count();
    }

    /** What happens to those who wait when the node's replica goes. */
    public static void remove(PartitionService service, PartitionId partition) {
        PartitionLeadership leadership = Objects.requireNonNull(service.at(partition));
        service.removed(leadership.host());
        leadership.stepDown();
    }
}
