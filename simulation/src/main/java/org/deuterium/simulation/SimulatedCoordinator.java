package org.deuterium.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.wire.replication.ReplicaGroup;

/** ZooKeeper as a partition sees it: one value changed by compare-and-set, late watches, and answers that get lost. */
final class SimulatedCoordinator {

    private final Timeline timeline;
    private final List<Consumer<ReplicaGroup>> watchers = new ArrayList<>();
    private Faults faults;
    private ReplicaGroup group;

    SimulatedCoordinator(Timeline timeline, Faults faults, ReplicaGroup group) {
        this.timeline = timeline;
        this.faults = faults;
        this.group = group;
    }

    void become(Faults newFaults) {
        faults = newFaults;
    }

    ReplicaGroup group() {
        return group;
    }

    void watch(Consumer<ReplicaGroup> watcher) {
        watchers.add(watcher);
    }

    /** Reads the value for somebody; it arrives later. */
    void read(Consumer<ReplicaGroup> reader) {
        timeline.after(timeline.delay(20), () -> {
            ReplicaGroup value = group;
            timeline.after(timeline.delay(faults.coordinatorMillis()), () -> reader.accept(value));
        });
    }

    /**
     * Writes a value if the one that is there has the version before it. The request may get lost, and so may the
     * answer; otherwise the value that is there afterwards is read back, as a host does.
     */
    void compareAndSet(ReplicaGroup wished, Consumer<ReplicaGroup> readBack) {
        if (timeline.chance(faults.answersLost())) {
            return;
        }
        timeline.after(timeline.delay(50), () -> {
            if (group.version() == wished.version() - 1) {
                group = wished;
                for (Consumer<ReplicaGroup> watcher : watchers) {
                    timeline.after(timeline.delay(faults.coordinatorMillis()), () -> watcher.accept(group));
                }
            }
            if (!timeline.chance(faults.answersLost())) {
                read(readBack);
            }
        });
    }
}
