package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.deuterium.replica.host.MonotonicClock;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.jspecify.annotations.Nullable;

/**
 * Answers what became of a transaction. From before the search on its work is refused here; if nothing is found, the log
 * gets an ABORT before the answer is given, so that every later leader refuses it too.
 */
final class OutcomeQuestions {

    /** A decision takes as long as an election in another partition. */
    private static final long PATIENCE_MILLIS = 8_000;

    private final PartitionHost host;
    private final OpenBranches branches;
    private final PreparedBranches prepared;
    private final List<Range> refused = new CopyOnWriteArrayList<>();
    private final List<Waiting> waiting = new ArrayList<>();

    /** Nobody looks here again: no question may wait. Guarded by {@link #waiting}. */
    private boolean removed;

    /** Transactions of one session. */
    private record Range(TransactionId from, TransactionId through) {

        boolean contains(TransactionId id) {
            return id.origin() == from.origin()
                    && id.sequence() >= from.sequence()
                    && id.sequence() <= through.sequence();
        }
    }

    /** A question that waits for a decision. */
    private record Waiting(AskOutcome question, Consumer<Message> answer, long deadlineMillis) {}

    OutcomeQuestions(PartitionHost host, OpenBranches branches, PreparedBranches prepared) {
        this.host = host;
        this.branches = branches;
        this.prepared = prepared;
    }

    /** True if no work may be done for this transaction; asked after its branch is among the open ones. */
    boolean isRefused(TransactionId id) {
        for (Range range : refused) {
            if (range.contains(id)) {
                return true;
            }
        }
        return host.storage().isRefused(id);
    }

    /** The term is that this leader serves in. */
    void askPrepared(AskPrepared question, Term term, Consumer<Message> answer) {
        TransactionId id = question.transaction();
        Range range = new Range(id, id);
        refused.add(range);
        Found found = stop(range);
        TransactionOutcome outcome = host.storage().outcome(id, id);
        State state = outcome.state();
        if (found == Found.PREPARED || state == State.PREPARED) {
            refused.remove(range);
            // The ledger learns of a PREPARE that a cut holds back a little later than its branch.
            answer.accept(state == State.PREPARED ? outcome : prepared(id));
        } else if (state == State.COMMITTED) {
            refused.remove(range);
            answer.accept(outcome);
        } else if (found == Found.ENDING) {
            refused.remove(range);
            answer.accept(notYet(id));
        } else {
            // What is forgotten was finished, and whoever asks has been told meanwhile: an ABORT changes nothing.
            abort(range, term, answer);
        }
    }

    void askOutcome(AskOutcome question, Term term, Consumer<Message> answer) {
        askOutcome(new Waiting(question, answer, MonotonicClock.millis() + PATIENCE_MILLIS), term);
    }

    private void askOutcome(Waiting asked, Term term) {
        Range range = new Range(asked.question.from(), asked.question.through());
        refused.add(range);
        Found found = stop(range);
        TransactionOutcome outcome = host.storage().outcome(range.from, range.through);
        if (found != Found.NOTHING || outcome.state() == State.PREPARED) {
            refused.remove(range);
            prepared.resolve(range::contains);
            boolean kept;
            synchronized (waiting) {
                kept = !removed && waiting.add(asked);
            }
            if (!kept) {
                asked.answer.accept(notYet(asked.question.from()));
            }
        } else if (outcome.state() == State.ABORTED) {
            abort(range, term, asked.answer);
        } else {
            refused.remove(range);
            asked.answer.accept(host.shown().positioned(outcome)); // what was committed can be seen here
        }
    }

    /** What is open of the transactions asked for. */
    private enum Found {
        NOTHING,
        ENDING,
        PREPARED
    }

    /** Stops what can still be stopped. */
    private Found stop(Range range) {
        Found found = Found.NOTHING;
        for (OpenBranch branch : branches.all()) {
            if (!range.contains(branch.transaction())) {
                continue;
            }
            if (branch.isPrepared()) {
                found = Found.PREPARED;
            } else if (branches.doom(
                            branch,
                            Failure.ofTransaction(
                                    ErrorCode.TRANSACTION_ROLLED_BACK,
                                    "Transaction " + branch.transaction()
                                            + " was rolled back because somebody gave it up; run it again"))
                    == OpenBranch.Doomed.PAST) {
                found = found == Found.PREPARED ? found : Found.ENDING;
            }
        }
        return found;
    }

    private void abort(Range range, Term term, Consumer<Message> answer) {
        if (host.storage().isRefused(range.through)) {
            refused.remove(range);
            answer.accept(TransactionOutcome.of(State.ABORTED));
            return;
        }
        host.propose(new TransactionAbort(
                term,
                range.through,
                () -> {
                    refused.remove(range);
                    answer.accept(TransactionOutcome.of(State.ABORTED));
                },
                () -> {
                    refused.remove(range);
                    answer.accept(Failure.of(
                            ErrorCode.NOT_LEADER,
                            "Partition " + host.partition() + " has another leader, who is to be asked"));
                }));
    }

    private Message prepared(TransactionId id) {
        OpenBranch branch = branches.get(id);
        return branch == null ? notYet(id) : TransactionOutcome.of(State.PREPARED, branch.preparedAt());
    }

    private Failure notYet(TransactionId id) {
        return Failure.of(
                ErrorCode.NOT_READY,
                "Transaction " + id + " is still being decided in partition " + host.partition() + "; ask again");
    }

    /** The replica goes from this node: who waits here would wait for ever. */
    void remove() {
        synchronized (waiting) {
            removed = true;
        }
        stepDown();
    }

    /** Whoever asks is to ask the next leader. */
    void stepDown() {
        List<Waiting> all;
        synchronized (waiting) {
            all = List.copyOf(waiting);
            waiting.clear();
        }
        all.forEach(asked -> asked.answer.accept(notYet(asked.question.from())));
    }

    void onTick(long nowMillis) {
        List<Waiting> again;
        synchronized (waiting) {
            again = List.copyOf(waiting);
            waiting.clear();
        }
        @Nullable Term term = again.isEmpty() ? null : host.servingTerm();
        for (Waiting asked : again) {
            if (term == null || asked.deadlineMillis <= nowMillis) {
                asked.answer.accept(notYet(asked.question.from()));
            } else {
                askOutcome(asked, term);
            }
        }
    }
}
