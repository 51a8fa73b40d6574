package org.deuterium.coordinator.zookeeper;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/** Who waits for a partition to have a living leader, looked at again after each change of the view. */
final class LeaderWaiters {

    private record Waiter(PartitionId partition, Term after, CompletableFuture<PartitionState> result) {}

    private final ClusterView view;
    private final ScheduledExecutorService thread;
    private final List<Waiter> waiters = new CopyOnWriteArrayList<>();

    LeaderWaiters(ClusterView view, ScheduledExecutorService thread) {
        this.view = view;
        this.thread = thread;
    }

    CompletableFuture<PartitionState> await(PartitionId partition, Term after, long timeoutMillis) {
        PartitionState now = ledState(partition, after);
        if (now != null) {
            return CompletableFuture.completedFuture(now);
        }
        Waiter waiter = new Waiter(partition, after, new CompletableFuture<>());
        waiters.add(waiter);
        // it may have changed between the look and the adding
        tryToServe(waiter);
        ScheduledFuture<?> timeout =
                thread.schedule(() -> giveUp(waiter, timeoutMillis), timeoutMillis, TimeUnit.MILLISECONDS);
        waiter.result.whenComplete((state, problem) -> {
            timeout.cancel(false);
            waiters.remove(waiter);
        });
        return waiter.result;
    }

    void viewChanged() {
        for (Waiter waiter : waiters) {
            tryToServe(waiter);
        }
    }

    private void tryToServe(Waiter waiter) {
        PartitionState state = ledState(waiter.partition, waiter.after);
        if (state != null) {
            waiter.result.complete(state);
        }
    }

    private @Nullable PartitionState ledState(PartitionId partition, Term after) {
        PartitionState state = view.partition(partition);
        boolean led = state != null && after.isBefore(state.term()) && state.livingLeader(view.nodes()) != null;
        return led ? state : null;
    }

    private void giveUp(Waiter waiter, long timeoutMillis) {
        PartitionState state = view.partition(waiter.partition);
        String seen = state == null
                ? "it is not formed yet"
                : "it is in " + state.term() + ", its replicas are on "
                        + state.group().replicas().stream()
                                .map(voter -> voter.node().name())
                                .toList();
        String alive = view.nodes().values().stream()
                .map(ClusterNode::id)
                .sorted()
                .toList()
                .toString();
        waiter.result.completeExceptionally(new CoordinatorException(
                "partition " + waiter.partition + " has had no leader for " + timeoutMillis + " ms: " + seen
                        + ", alive are " + alive + (view.isConnected() ? "" : ", and ZooKeeper cannot be reached")
                        + "; start the missing nodes"));
    }
}
