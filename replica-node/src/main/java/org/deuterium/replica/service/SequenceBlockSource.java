package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.ReserveSequence;

/** The way to whoever leads the home partition, wherever it is. */
@FunctionalInterface
public interface SequenceBlockSource {

    /** Reserves values; answered once, by a SequenceBlock or a Failure, on any thread; never blocks. */
    void reserve(ReserveSequence request, Consumer<Message> answer);
}
