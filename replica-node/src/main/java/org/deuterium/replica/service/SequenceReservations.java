package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.statement.Failure;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Statements that wait for values of a sequence; for each sequence one reservation at a time is under way. */
final class SequenceReservations {

    private static final Logger LOG = LoggerFactory.getLogger(SequenceReservations.class);

    private final PartitionHost host;
    private final LeaderCalls leaders;
    private final Executor workers;
    private final Map<String, List<BranchStatement>> waiting = new HashMap<>();

    SequenceReservations(PartitionHost host, LeaderCalls leaders, Executor workers) {
        this.host = host;
        this.leaders = leaders;
        this.workers = workers;
    }

    /** The statement is WAITING; it is resumed when values are there, or gives up. */
    void reserve(String sequence, int count, long schemaVersion, BranchStatement statement) {
        synchronized (waiting) {
            List<BranchStatement> others = waiting.get(sequence);
            if (others != null) {
                others.add(statement);
                return;
            }
            List<BranchStatement> first = new ArrayList<>();
            first.add(statement);
            waiting.put(sequence, first);
        }
        // Asked twice it reserves twice: values are skipped, never given to two.
        leaders.ask(
                new ReserveSequence(PartitionId.HOME, schemaVersion, sequence, count),
                reply -> workers.execute(() -> take(sequence, schemaVersion, reply)));
    }

    private void take(String sequence, long schemaVersion, Message reply) {
        Message granted = reply;
        if (reply instanceof SequenceBlock block) {
            try {
                host.storage().grantSequence(sequence, block, schemaVersion);
            } catch (RuntimeException e) { // else this statement and all that come would wait for ever
                LOG.error("{}: values of {} cannot be given", host.partition(), sequence, e);
                granted = Failure.of(
                        ErrorCode.INTERNAL_ERROR,
                        "values of " + sequence + " from " + block.first() + " cannot be given: " + e.getMessage());
            }
        }
        List<BranchStatement> statements;
        synchronized (waiting) {
            List<BranchStatement> removed = waiting.remove(sequence);
            statements = removed == null ? List.of() : removed;
        }
        for (BranchStatement statement : statements) {
            if (granted instanceof SequenceBlock) {
                statement.resume(LockWaiters.WINDOW_MILLIS);
            } else {
                Failure failure = granted instanceof Failure known
                        ? known
                        : Failure.of(ErrorCode.INTERNAL_ERROR, "the home partition answered " + reply);
                statement.giveUp(failure);
            }
        }
    }
}
