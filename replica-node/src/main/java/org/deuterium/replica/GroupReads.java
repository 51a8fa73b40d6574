package org.deuterium.replica;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.wire.PartitionId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads states of partitions back from the board, one read of each at a time: a read waits for as long as the board cannot
 * be reached, and a leader wishes its change again every second meanwhile. Any thread.
 */
final class GroupReads {

    private static final Logger LOG = LoggerFactory.getLogger(GroupReads.class);

    private final Function<PartitionId, CompletableFuture<PartitionState>> board;
    private final Consumer<PartitionState> reader;

    /** The reads under way: true if the board may have changed since it was asked. */
    private final Map<PartitionId, Boolean> underWay = new HashMap<>();

    GroupReads(Function<PartitionId, CompletableFuture<PartitionState>> board, Consumer<PartitionState> reader) {
        this.board = board;
        this.reader = reader;
    }

    /** The reader is told a state that is no older than this call. */
    void read(PartitionId partition) {
        synchronized (underWay) {
            if (underWay.replace(partition, true) != null) {
                return;
            }
            underWay.put(partition, false);
        }
        ask(partition);
    }

    private void ask(PartitionId partition) {
        asked(partition).whenComplete((state, problem) -> {
            boolean again;
            synchronized (underWay) {
                again = Boolean.TRUE.equals(underWay.remove(partition));
                if (again) {
                    underWay.put(partition, false);
                }
            }
            if (problem == null) {
                tell(state);
            } else {
                LOG.warn("the state of {} could not be read back", partition, problem);
            }
            if (again) {
                ask(partition);
            }
        });
    }

    /** Whatever keeps the board from being asked, it is not the last question. */
    private CompletableFuture<PartitionState> asked(PartitionId partition) {
        try {
            return board.apply(partition);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void tell(PartitionState state) {
        try {
            reader.accept(state);
        } catch (RuntimeException e) {
            LOG.error("{} was read back, and not taken", state, e);
        }
    }
}
