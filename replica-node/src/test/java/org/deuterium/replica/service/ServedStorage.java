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

    /** What happens to those who wait when the node's replica goes. */
    public static void remove(PartitionService service, PartitionId partition) {
        PartitionLeadership leadership = Objects.requireNonNull(service.at(partition));
        service.removed(leadership.host());
        leadership.stepDown();
    }
}
