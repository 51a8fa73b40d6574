package org.deuterium.simulation.cluster;

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

    private static final int PATIENCE_MILLIS = 250;

    private final Cluster cluster;
    private final NodeId name;
    private final int place;
    private final int lookEveryMillis;
    private final Map<NodeId, Promise> answers = new TreeMap<>();
    private @Nullable ReplicaGroup open;
    private long openedMillis;
    private long busyUntilMillis;

    SimulatedController(Cluster cluster, NodeId name, int place, int lookEveryMillis) {
        this.cluster = cluster;
        this.name = name;
        this.place = place;
        this.lookEveryMillis = lookEveryMillis;
    }

    int place() {
        return place;
    }

    void start() {
        cluster.timeline.after(lookEveryMillis + cluster.chance.delay(lookEveryMillis), () -> {
            cluster.coordinator.read(this::look);
            start();
        });
    }

    private void look(ReplicaGroup group) {
        long now = cluster.timeline.now();
        if (open != null && group.version() < open.version()) {
            return; // read before the election was opened
        }
        if (open != null && open.version() == group.version() && now - openedMillis < PATIENCE_MILLIS) {
            ask(open); // answers may have been lost
            decide(now - openedMillis > PATIENCE_MILLIS / 2);
            return;
        }
        open = null;
        if (now < busyUntilMillis) {
            return; // what was written last may still be on its way
        }
        if (group.leader() == null || cluster.coordinator.sessionExpired(group.leader())) {
            ReplicaGroup next = group.withNextTerm();
            busyUntilMillis = now + patienceWithTheCoordinator();
            cluster.coordinator.compareAndSet(next, read -> {
                if (read.version() == next.version() && read.term().equals(next.term()) && read.leader() == null) {
                    answers.clear();
                    open = next;
                    openedMillis = cluster.timeline.now();
                    ask(next);
                }
            });
        }
    }

    private long patienceWithTheCoordinator() {
        return 60 + cluster.faults().coordinatorMillis();
    }

    private void ask(ReplicaGroup group) {
        for (ReplicaGroup.Voter voter : group.replicas()) {
            cluster.send(place, name, voter.node(), new PromiseRequest(group.partition(), group.term()));
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
        if (group == null || !(waitedLongEnough || cluster.chance.oneIn(2))) {
            return;
        }
        NodeId winner = winner(group);
        if (winner != null) {
            open = null;
            busyUntilMillis = cluster.timeline.now() + patienceWithTheCoordinator();
            cluster.coordinator.compareAndSet(group.withLeader(winner), read -> {});
        }
    }

    private @Nullable NodeId winner(ReplicaGroup group) {
        Election election = new Election(group);
        answers.forEach(election::add);
        return election.winner(group.successor());
    }
}
