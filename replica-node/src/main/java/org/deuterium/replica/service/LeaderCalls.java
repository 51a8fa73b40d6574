package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.PartitionRequest;

/** The way to whoever leads a partition, wherever it is. */
@FunctionalInterface
public interface LeaderCalls {

    /**
     * Asks the leader of the request's partition, again and for some seconds while there is none, and again when a
     * connection breaks; so only for what may be asked twice. Answered once, on any thread; never blocks.
     */
    void ask(PartitionRequest request, Consumer<Message> answer);
}
