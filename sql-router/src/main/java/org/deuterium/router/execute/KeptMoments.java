package org.deuterium.router.execute;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** Of which moments of the past which replicas keep the state, as they have just said. */
final class KeptMoments {

    private static final long PATIENCE_MILLIS = 1_000;

    private static final String CURE =
            "; ask for another moment, or leave AS OF out (a transaction at REPEATABLE READ shows one state of the present)";

    /** By partition, and there in the order in which they are to be asked. */
    private final Map<PartitionId, Map<NodeId, RetainedMoments>> kept = new TreeMap<>();

    private final NavigableSet<Timestamp> common = new TreeSet<>();

    private boolean allAnswered = true;

    private KeptMoments() {}

    /** Asks these nodes, all at once, and waits; who does not answer in time keeps nothing that is known of. */
    static KeptMoments ask(
            PartitionLeaders leaders, List<PartitionId> partitions, Function<PartitionId, List<NodeId>> whom) {
        Map<PartitionId, Map<NodeId, CompletableFuture<Message>>> asked = new LinkedHashMap<>();
        for (PartitionId partition : partitions) {
            Map<NodeId, CompletableFuture<Message>> ofPartition = new LinkedHashMap<>();
            asked.put(partition, ofPartition);
            for (NodeId node : whom.apply(partition)) {
                CompletableFuture<Message> waiting = new CompletableFuture<>();
                ofPartition.put(node, waiting);
                leaders.call(node, new AskRetained(partition), waiting::complete);
                waiting.completeOnTimeout(
                        Failure.of(ErrorCode.CONNECTION_BROKEN, node + " does not answer"),
                        PATIENCE_MILLIS,
                        TimeUnit.MILLISECONDS);
            }
        }
        KeptMoments moments = new KeptMoments();
        asked.forEach((partition, nodes) -> {
            Map<NodeId, RetainedMoments> answers = new LinkedHashMap<>();
            nodes.forEach((node, waiting) -> {
                if (waiting.join() instanceof RetainedMoments answer) {
                    answers.put(node, answer);
                } else {
                    moments.allAnswered = false;
                }
            });
            moments.kept.put(partition, answers);
        });
        moments.findCommon();
        return moments;
    }

    private void findCommon() {
        boolean first = true;
        for (Map<NodeId, RetainedMoments> nodes : kept.values()) {
            NavigableSet<Timestamp> ofPartition = momentsOf(nodes);
            if (first) {
                common.addAll(ofPartition);
                first = false;
            } else {
                common.retainAll(ofPartition);
            }
        }
    }

    private static NavigableSet<Timestamp> momentsOf(Map<NodeId, RetainedMoments> nodes) {
        NavigableSet<Timestamp> all = new TreeSet<>();
        nodes.values().forEach(answer -> all.addAll(answer.moments()));
        return all;
    }

    /** The latest moment of which the states of all partitions are kept, and that is not after this one; null if there is none. */
    @Nullable
    Timestamp latest(Timestamp until) {
        return common.floor(until);
    }

    /** The replica to ask for the state of a moment; null if none keeps it. */
    @Nullable
    NodeId keeper(PartitionId partition, Timestamp moment) {
        Map<NodeId, RetainedMoments> nodes = kept.getOrDefault(partition, Map.of());
        for (Map.Entry<NodeId, RetainedMoments> node : nodes.entrySet()) {
            if (node.getValue().moments().contains(moment)) {
                return node.getKey();
            }
        }
        return null;
    }

    /** False if a replica may keep more than is known of here. */
    boolean allAnswered() {
        return allAnswered;
    }

    /** A partition of which nobody has answered, or null. */
    @Nullable
    PartitionId silent() {
        for (Map.Entry<PartitionId, Map<NodeId, RetainedMoments>> partition : kept.entrySet()) {
            if (partition.getValue().isEmpty()) {
                return partition.getKey();
            }
        }
        return null;
    }

    /** Why {@link #latest} found none. */
    Failure refusal(Timestamp until) {
        for (Map.Entry<PartitionId, Map<NodeId, RetainedMoments>> partition : kept.entrySet()) {
            Map<NodeId, RetainedMoments> nodes = partition.getValue();
            if (nodes.isEmpty()) {
                return Failure.of(
                        ErrorCode.NO_LEADER,
                        "No replica of partition " + partition.getKey()
                                + " answers; see SHOW PARTITIONS and SHOW NODES");
            }
            if (nodes.values().stream().allMatch(answer -> answer.windowMillis() == 0)) {
                return notRetained("The replicas of partition " + partition.getKey()
                        + " keep no states of the past; start every node with --retain-states SECONDS");
            }
            if (momentsOf(nodes).isEmpty()) {
                return notRetained("The replicas of partition " + partition.getKey()
                        + " have kept no state yet: they run, or their schema is as it is, only for a short time"
                        + CURE);
            }
        }
        return notRetained(
                common.isEmpty()
                        ? "There is no moment of which the states of all partitions are kept: the replicas of one of them"
                                + " run only for a short time" + CURE
                        : "The state of " + Instant.ofEpochMilli(until.millis()) + " is not kept: the first one is of "
                                + Instant.ofEpochMilli(common.first().millis()) + ", the last one of "
                                + Instant.ofEpochMilli(common.last().millis())
                                + " (there is none from before a change of the schema)" + CURE);
    }

    static Failure inTheFuture(String asked, long nowMillis) {
        return notRetained("AS OF '" + asked + "' is in the future; it is " + Instant.ofEpochMilli(nowMillis)
                + " at this node" + CURE);
    }

    private static Failure notRetained(String why) {
        return Failure.of(ErrorCode.STATE_NOT_RETAINED, why);
    }
}
