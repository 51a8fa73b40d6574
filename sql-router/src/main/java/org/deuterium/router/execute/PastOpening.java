package org.deuterium.router.execute;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.AsOf;
import org.deuterium.router.reads.ReadPreference;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Opens the branches of a transaction AS OF: in every partition in the state of one moment, the latest that is kept of all
 * and that is not after the moment asked for. First the replicas that the session prefers are asked what they keep, the leaders
 * if it prefers none; all of them if that is not enough, or if a leader is lost. Blocks: for workers only.
 */
final class PastOpening {

    /** A state may be given up between the question and the opening, or a node be lost. */
    private static final int ATTEMPTS = 4;

    private final PartitionLeaders leaders;
    private final SnapshotOpening opening;

    PastOpening(PartitionLeaders leaders, SnapshotOpening opening) {
        this.leaders = leaders;
        this.opening = opening;
    }

    /** Null when all are open; else why not, and none is. */
    @Nullable
    Failure open(AsOf asked, StatementShape shape, StatementCall call, SessionTransaction transaction) {
        ReadPreference preference = call.reads().rules().preference();
        Failure failure = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long now = System.currentTimeMillis();
            long moment = asked.momentMillis(now);
            if (moment > now) {
                return KeptMoments.inTheFuture(asked.text(), now);
            }
            Timestamp until = Timestamp.ofMillis(Math.max(0, moment)); // timestamps begin in 1970, and nothing is older
            KeptMoments kept = kept(until, preference, attempt == 0);
            Timestamp found = kept.latest(until);
            if (found == null) {
                failure = kept.refusal(until);
                if (kept.allAnswered()) {
                    return failure;
                }
                continue; // who was late may keep it, as after a pause of the machine
            }
            failure = opening.openAll(
                    shape, call, (branch, partition) -> branch.atRetained(found, keeper(kept, partition, found)));
            if (failure == null) {
                transaction.shows(found);
                return null;
            }
            opening.undo(transaction);
            if (!isOfTheReplica(failure)) {
                return failure;
            }
        }
        return failure;
    }

    /** True if another replica may do what this one does not. */
    private static boolean isOfTheReplica(Failure failure) {
        return switch (failure.error()) {
            case STATE_NOT_RETAINED, NOT_LEADER, NOT_READY, CONNECTION_BROKEN -> true;
            default -> false;
        };
    }

    private static NodeId keeper(KeptMoments kept, PartitionId partition, Timestamp moment) {
        NodeId keeper = kept.keeper(partition, moment);
        if (keeper == null) {
            throw new IllegalStateException("nobody keeps " + moment + " of " + partition);
        }
        return keeper;
    }

    private KeptMoments kept(Timestamp until, ReadPreference preference, boolean preferredOnly) {
        List<PartitionId> partitions = opening.allPartitions();
        if (preferredOnly) {
            KeptMoments preferred =
                    KeptMoments.ask(leaders, partitions, partition -> replicas(partition, preference).stream()
                            .limit(1)
                            .toList());
            if (preferred.latest(until) != null) {
                return preferred;
            }
        }
        KeptMoments all = KeptMoments.ask(leaders, partitions, partition -> replicas(partition, preference));
        PartitionId silent = all.silent();
        if (silent == null) {
            return all;
        }
        CompletableFuture<Message> there = new CompletableFuture<>();
        leaders.callLeader(new AskRetained(silent), true, there::complete); // waits for a leader
        there.join();
        return KeptMoments.ask(leaders, partitions, partition -> replicas(partition, preference));
    }

    private List<NodeId> replicas(PartitionId partition, ReadPreference preference) {
        return leaders.places().replicasOf(partition, preference);
    }
}
