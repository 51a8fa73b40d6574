package org.deuterium.replica.host;

import java.util.function.Consumer;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;

/** Something that was asked of a partition's leader and is answered when the group has changed. Loop only. */
interface GroupRequest {

    /** Tells the core; false if the request is over already. */
    boolean begin(PartitionReplica core, Consumer<Effects> perform, long nowMillis);

    /** Looks whether it is done, or never will be; if so whoever asked has been told. */
    boolean isOver(PartitionReplica core, Consumer<Effects> perform, long nowMillis);

    /** The replica is closed. */
    void abandon();
}
