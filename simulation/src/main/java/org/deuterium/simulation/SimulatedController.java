package org.deuterium.simulation;

import java.util.Map;
import java.util.TreeMap;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.Election;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/**
 * One of the controllers: it looks at the group from time to time and elects a leader when there is none, or when the
 * leader's session seems to have expired. Two of them run side by side, as an old one and its successor may for a while.
 */
final class SimulatedController {

    private static final int SESSION_MILLIS = 400;
    private static final int LOOK_EVERY_MILLIS = 150;
    private static final int PATIENCE_MILLIS = 250;

    private final Simulation simulation;
    private final NodeId name;
    private final Map<NodeId, Promise> answers = new TreeMap<>();
    private @Nullable ReplicaGroup open;
    private long openedMillis;

    SimulatedController(Simulation simulation, String name) {
        this.simulation = simulation;
        this.name = new NodeId(name);
    }

    void start() {
        Timeline timeline = simulation.timeline;
        timeline.after(LOOK_EVERY_MILLIS + timeline.delay(LOOK_EVERY_MILLIS), () -> {
            simulation.coordinator.read(this::look);
            start();
        });
    }

    private void look(ReplicaGroup group) {
        Timeline timeline = simulation.timeline;
        if (open != null && open.version() == group.version() && timeline.now() - openedMillis < PATIENCE_MILLIS) {
            ask(open); // answers may have been lost
            decide(timeline.now() - openedMillis > PATIENCE_MILLIS / 2);
            return;
        }
        open = null;
        if (group.leader() == null || simulation.sessionExpired(group.leader(), SESSION_MILLIS)) {
            ReplicaGroup next = group.withNextTerm();
            simulation.coordinator.compareAndSet(next, read -> {
                if (read.version() == next.version() && read.term().equals(next.term()) && read.leader() == null) {
                    answers.clear();
                    open = next;
                    openedMillis = simulation.timeline.now();
                    ask(next);
                }
            });
        }
    }

    private void ask(ReplicaGroup group) {
        for (ReplicaGroup.Voter voter : group.replicas()) {
            simulation.fromController(name, voter.node(), new PromiseRequest(group.partition(), group.term()));
        }
    }

    void onPromise(NodeId from, Promise promise) {
        if (open != null && promise.term().equals(open.term())) {
            answers.put(from, promise);
            decide(answers.size() == open.replicas().size());
        }
    }

    private void decide(boolean waitedLongEnough) {
        ReplicaGroup group = open;
        if (group == null || !(waitedLongEnough || simulation.timeline.random.nextBoolean())) {
            return;
        }
        NodeId winner = winner(group);
        if (winner != null) {
            open = null;
            simulation.coordinator.compareAndSet(group.withLeader(winner), read -> {});
        }
    }

    private @Nullable NodeId winner(ReplicaGroup group) {
        Election election = new Election(group);
        NodeId last = null;
        for (Map.Entry<NodeId, Promise> answer : answers.entrySet()) {
            election.add(answer.getKey(), answer.getValue());
            if (answer.getValue().granted()) {
                last = answer.getKey();
            }
        }
        return switch (simulation.bug) {
            case ELECTS_WITH_ONE_PROMISE -> last;
            case ELECTS_ANY_LOG -> election.winner(null) == null ? null : last;
            default -> election.winner(null);
        };
    }
}
