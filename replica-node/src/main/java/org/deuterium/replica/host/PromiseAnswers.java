package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.deuterium.replication.Effects.Send;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.Promise;
import org.jspecify.annotations.Nullable;

/** The controllers that asked a replica for a promise and wait for it, perhaps for as long as a lease lasts. Loop only. */
final class PromiseAnswers {

    private final Map<NodeId, Consumer<Promise>> waiting = new HashMap<>(0);

    void await(NodeId controller, Consumer<Promise> answer) {
        waiting.put(controller, answer);
    }

    /** Hands promises to those who wait, once they are durable; the messages that are left go to replicas. */
    List<Send> takeOut(List<Send> sends, NodeLoop loop) {
        List<Send> toReplicas = sends;
        for (Send send : sends) {
            if (send.message() instanceof Promise promise) {
                toReplicas = toReplicas == sends ? new ArrayList<>(sends) : toReplicas;
                toReplicas.remove(send);
                @Nullable Consumer<Promise> asked = waiting.remove(send.to());
                if (asked != null) {
                    loop.afterDurable(() -> asked.accept(promise));
                }
            }
        }
        return toReplicas;
    }
}
