package org.deuterium.replica.service;

import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.AskPosition;

/** A follower's way to the leader of its partition, wherever it is. */
@FunctionalInterface
public interface LeaderPositionSource {

    /** Asks once; answered once, by a PositionedAnswer or a Failure, on any thread; never blocks, never tries again. */
    void ask(AskPosition request, Consumer<Message> answer);
}
