package org.deuterium.wire.partition;

import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;

/** Something a partition's leader is asked; always answered once, at worst by a Failure. */
public interface PartitionRequest extends Message {

    PartitionId partition();
}
