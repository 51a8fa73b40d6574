package org.deuterium.router.execute;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.statement.Failure;

/** One question put to several nodes at once, and what each of them answers. */
final class NodeAnswers {

    /** A node that does not answer so long counts as unreachable. */
    private static final long WAIT_MILLIS = 2_000;

    private NodeAnswers() {}

    /** Blocks until all have answered; who does not in time is answered for by a Failure. */
    static Map<NodeId, Message> of(Collection<NodeId> nodes, BiConsumer<NodeId, Consumer<Message>> question) {
        Map<NodeId, CompletableFuture<Message>> asked = new TreeMap<>();
        for (NodeId node : nodes) {
            CompletableFuture<Message> answer = new CompletableFuture<>();
            asked.put(node, answer);
            question.accept(node, answer::complete);
        }
        Failure silent = Failure.of(ErrorCode.CONNECTION_BROKEN, "no answer in " + WAIT_MILLIS + " ms");
        Map<NodeId, Message> answers = new HashMap<>();
        asked.forEach((node, answer) -> answers.put(
                node,
                answer.completeOnTimeout(silent, WAIT_MILLIS, TimeUnit.MILLISECONDS)
                        .join()));
        return answers;
    }
}
