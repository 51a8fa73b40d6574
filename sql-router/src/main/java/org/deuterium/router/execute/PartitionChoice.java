package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.router.plan.Routing;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/** Turns the slots a routing names into the partitions that have them. */
final class PartitionChoice {

    private final PartitionLeaders leaders;

    PartitionChoice(PartitionLeaders leaders) {
        this.leaders = leaders;
    }

    /** The one partition a set of parameters needs, or null if it needs several; nothing waits here. */
    @Nullable
    PartitionId one(PartitionSet partitions, Routing routing, ParameterRows parameters, int set) {
        if (!routing.copiesIn().isEmpty()) {
            return nearestCopy(routing.copiesIn());
        }
        if (partitions.partitions().size() == 1) {
            return partitions.partitions().get(0);
        }
        int slot = routing.slot(parameters, set);
        return slot == Routing.SEVERAL ? null : partitions.partitionOfSlot(slot);
    }

    /** A partition led here if there is one, which saves a hop; else the home partition. */
    private PartitionId nearestCopy(List<String> sets) {
        for (String name : sets) {
            PartitionSet set = leaders.view().partitionMap().set(name);
            if (set != null) {
                for (PartitionId partition : set.partitions()) {
                    if (leaders.isLedHere(partition)) {
                        return partition;
                    }
                }
            }
        }
        return PartitionId.HOME;
    }

    /** All partitions a set of parameters needs, in order, each once. */
    List<PartitionId> all(PartitionSet partitions, Routing routing, ParameterRows parameters, int set) {
        int[] slots = routing.slots(parameters, set);
        if (slots == null) {
            return partitions.partitions();
        }
        TreeSet<PartitionId> chosen = new TreeSet<>();
        for (int slot : slots) {
            chosen.add(partitions.partitionOfSlot(slot));
        }
        return new ArrayList<>(chosen);
    }

    /** The set of partitions, or null if this process has not heard of it yet. */
    @Nullable
    PartitionSet known(Routing routing) {
        return leaders.view().partitionMap().set(routing.partitionSet());
    }

    /**
     * The set of partitions; waits for the news of it, since the schema that names it travels on another way. Blocks.
     *
     * @throws StatementFailedException if it does not appear
     */
    PartitionSet await(Routing routing) {
        return await(routing.partitionSet());
    }

    /**
     * The set of partitions of this name, as {@link #await(Routing)}.
     *
     * @throws StatementFailedException if it does not appear
     */
    PartitionSet await(String name) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(LeaderCall.LEADER_WAIT_MILLIS);
        while (true) {
            long seen = leaders.changes().count();
            PartitionSet set = leaders.view().partitionMap().set(name);
            if (set != null) {
                return set;
            }
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMillis <= 0) {
                throw new StatementFailedException(
                        ErrorCode.NO_LEADER,
                        "The set of partitions " + name + " is not there yet; see SHOW PARTITIONS, and try again");
            }
            leaders.changes().next(seen, leftMillis).join();
        }
    }
}
