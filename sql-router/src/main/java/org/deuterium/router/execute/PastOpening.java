package org.deuterium.router.execute;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.AsOf;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Opens the branches of a transaction AS OF: in every partition in the state of one moment, the latest that all leaders keep
 * and that is not after the moment asked for. Blocks: for workers only.
 */
final class PastOpening {

    /** A state may be given up between the question and the opening, or a leader change. */
    private static final int ATTEMPTS = 4;

    private static final String CURE =
            "; ask for another moment, or leave AS OF out (a transaction at REPEATABLE READ shows one state of the present)";

    private final PartitionLeaders leaders;
    private final SnapshotOpening opening;

    PastOpening(PartitionLeaders leaders, SnapshotOpening opening) {
        this.leaders = leaders;
        this.opening = opening;
    }

    /** Null when all are open; else why not, and none is. */
    @Nullable
    Failure open(AsOf asked, StatementShape shape, StatementCall call, SessionTransaction transaction) {
        Failure failure = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long now = System.currentTimeMillis();
            long moment = asked.momentMillis(now);
            if (moment > now) {
                return notRetained("AS OF '" + asked.text() + "' is in the future; it is " + Instant.ofEpochMilli(now)
                        + " at this node" + CURE);
            }
            Choice choice = choose(Timestamp.ofMillis(moment));
            if (choice.failure() != null) {
                return choice.failure();
            }
            Timestamp found = choice.moment();
            failure = opening.openAll(shape, call, branch -> branch.atRetained(found));
            if (failure == null) {
                transaction.shows(found);
                return null;
            }
            opening.undo(transaction);
            if (failure.error() != ErrorCode.STATE_NOT_RETAINED) {
                return failure;
            }
        }
        return failure;
    }

    private record Choice(Timestamp moment, @Nullable Failure failure) {

        static Choice none(Failure why) {
            return new Choice(Timestamp.ZERO, why);
        }
    }

    private Choice choose(Timestamp latest) {
        List<PartitionId> partitions = opening.allPartitions();
        List<CompletableFuture<Message>> asked = new ArrayList<>();
        for (PartitionId partition : partitions) {
            CompletableFuture<Message> waiting = new CompletableFuture<>();
            asked.add(waiting);
            leaders.callLeader(new AskRetained(partition), true, waiting::complete);
        }
        NavigableSet<Timestamp> common = new TreeSet<>();
        for (int i = 0; i < partitions.size(); i++) {
            Message reply = asked.get(i).join();
            if (!(reply instanceof RetainedMoments kept)) {
                return Choice.none((Failure) reply);
            }
            if (kept.windowMillis() == 0) {
                return Choice.none(notRetained("The leader of partition " + partitions.get(i)
                        + " keeps no states of the past; start every node with --retain-states SECONDS"));
            }
            if (kept.moments().isEmpty()) {
                return Choice.none(notRetained("The leader of partition " + partitions.get(i)
                        + " has kept no state yet: it leads, or its schema is as it is, only for a short time" + CURE));
            }
            if (i == 0) {
                common.addAll(kept.moments());
            } else {
                common.retainAll(kept.moments());
            }
        }
        Timestamp found = common.floor(latest);
        return found != null ? new Choice(found, null) : Choice.none(notRetained(outside(common, latest)));
    }

    private static String outside(NavigableSet<Timestamp> common, Timestamp latest) {
        return common.isEmpty()
                ? "There is no moment of which the leaders of all partitions keep the state: one of them leads only for a"
                        + " short time" + CURE
                : "The state of " + Instant.ofEpochMilli(latest.millis()) + " is not kept: the first one is of "
                        + Instant.ofEpochMilli(common.first().millis()) + ", the last one of "
                        + Instant.ofEpochMilli(common.last().millis())
                        + " (a leader keeps none from before its time, nor from before a change of the schema)" + CURE;
    }

    private static Failure notRetained(String why) {
        return Failure.of(ErrorCode.STATE_NOT_RETAINED, why);
    }
}
