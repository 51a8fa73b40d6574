package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.deuterium.router.catalog.ReplicatedTable.StoredColumn;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.plan.rule.ReplicatedChange;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.deuterium.wire.statement.UpdateCounts;
import org.jspecify.annotations.Nullable;

/**
 * A change of a REPLICATED table: first the home partition, whose row locks put all changes of a row into one order, then
 * all others with the rows that came out of it, in branches of one transaction. Blocks: for workers only.
 *
 * <p>A copy where an earlier change of a row is committed but not shown yet cannot find that row, or meets it where there
 * should be none. Then the statement is undone everywhere and run again; the earlier change is about to be shown.
 */
final class CopiedChange {

    /** No name a client can give: H2's have no such character unquoted, and the router keeps quotes off. */
    private static final String STATEMENT = "\u0000copies";

    private static final long TRY_AGAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Long enough for all attempts to have identities of their own. */
    private static final long PAUSE_MILLIS = 20;

    /** So many rows go into one message. */
    private static final int ROWS_AT_ONCE = 4_000;

    private final PartitionLeaders leaders;
    private final PartitionChoice choice;

    CopiedChange(PartitionLeaders leaders, PartitionChoice choice) {
        this.leaders = leaders;
        this.choice = choice;
    }

    /** What the home partition did: its answer to the client, and the rows for the others as values one after another. */
    private record AtHome(UpdateCounts answer, List<ParameterRows> rows) {}

    /** Copies that are not equal now; trying again helps. */
    private static final class UnequalCopies extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final String told;

        UnequalCopies(String told) {
            super(told, null, false, false);
            this.told = told;
        }
    }

    /** The answer: UpdateCounts as the home partition counted, or a Failure after which nothing is changed. */
    Message run(DataPlan plan, Merge.Copies copies, StatementCall call) throws InterruptedException {
        List<PartitionId> others = others(copies);
        return call.transaction() instanceof SessionTransaction clients
                ? inTransaction(plan, copies, call, others, clients)
                : alone(plan, copies, call, others);
    }

    private List<PartitionId> others(Merge.Copies copies) {
        List<PartitionId> others = new ArrayList<>();
        for (String set : copies.sets()) {
            choice.await(set).partitions().stream()
                    .filter(partition -> !partition.equals(PartitionId.HOME))
                    .forEach(others::add);
        }
        return others;
    }

    private Message inTransaction(
            DataPlan plan,
            Merge.Copies copies,
            StatementCall call,
            List<PartitionId> others,
            SessionTransaction clients)
            throws InterruptedException {
        long deadline = System.nanoTime() + TRY_AGAIN_NANOS;
        while (true) {
            Message set = await(done -> clients.setSavepoint(STATEMENT, done));
            if (set instanceof Failure) {
                return set;
            }
            Message answer;
            try {
                answer = attempt(plan, copies, call, others);
            } catch (UnequalCopies e) {
                if (System.nanoTime() - deadline >= 0) {
                    clients.lost();
                    return TransactionFailures.rolledBack(clients.id(), e.told);
                }
                answer = null;
            }
            if (answer instanceof UpdateCounts || clients.isLost()) {
                return answer == null ? TransactionFailures.rolledBack(clients.id(), "its copies differed") : answer;
            }
            Message undone = await(done -> clients.rollbackToSavepoint(STATEMENT, done));
            if (undone instanceof Failure || answer != null) {
                return undone instanceof Failure ? undone : Objects.requireNonNull(answer);
            }
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private Message alone(DataPlan plan, Merge.Copies copies, StatementCall call, List<PartitionId> others)
            throws InterruptedException {
        long deadline = System.nanoTime() + TRY_AGAIN_NANOS;
        SessionTransaction own = SessionTransaction.ofStatement(call, leaders);
        while (true) {
            call.runsIn(own);
            Message answer;
            try {
                answer = attempt(plan, copies, call, others);
            } catch (UnequalCopies e) {
                answer = TransactionFailures.rolledBack(own.id(), e.told);
            }
            SessionTransaction ending = own;
            if (answer instanceof Failure) {
                await(ending::rollback);
            } else {
                Message committed = await(ending::commit);
                answer = committed instanceof Failure ? committed : answer;
            }
            boolean again = answer instanceof Failure failure
                    && failure.error() == ErrorCode.TRANSACTION_ROLLED_BACK
                    && System.nanoTime() - deadline < 0
                    && call.hasNewTransaction()
                    && !call.isCanceled();
            if (!again) {
                return answer;
            }
            Thread.sleep(PAUSE_MILLIS);
            own = SessionTransaction.ofStatement(call, call.newTransaction(), leaders);
        }
    }

    private Message attempt(DataPlan plan, Merge.Copies copies, StatementCall call, List<PartitionId> others) {
        AtHome home;
        try {
            home = atHome(plan, copies, call);
        } catch (StatementFailedException e) {
            return e.failure();
        }
        StatementShape shape = plan.shape().notBrief();
        for (ParameterRows rows : home.rows()) {
            List<CompletableFuture<Message>> asked = new ArrayList<>();
            for (PartitionId partition : others) {
                CompletableFuture<Message> reply = new CompletableFuture<>();
                asked.add(reply);
                new BranchExecution(
                                leaders, call, shape, partition, (asker, leader, message) -> reply.complete(message))
                        .keys(KeysWanted.NONE)
                        .asRows()
                        .start(copies.elsewhere(), rows, 0, false);
            }
            // All of them, before anything is undone: a copy that is still at work would open its branch, and lock,
            // after it.
            List<Message> replies = asked.stream().map(CompletableFuture::join).toList();
            Failure failure = null;
            for (int i = 0; i < replies.size(); i++) {
                Failure one = failureOf(replies.get(i), others.get(i), copies);
                failure = failure == null || (one != null && one.transactionEnded()) ? one : failure;
            }
            if (failure != null) {
                return failure;
            }
        }
        return home.answer();
    }

    /** Why the copy does not have all the rows; null if it has. */
    private static @Nullable Failure failureOf(Message reply, PartitionId partition, Merge.Copies copies) {
        if (reply instanceof Failure failure) {
            return unlessUnequal(failure, partition, copies);
        }
        if (!(reply instanceof UpdateCounts done)) {
            throw new IllegalStateException("a change was answered by " + reply);
        }
        if (!done.failures().isEmpty()) {
            return unlessUnequal(done.failures().get(0), partition, copies);
        }
        for (long count : done.counts()) {
            if (count != 1) {
                throw unequal(partition, copies);
            }
        }
        return null;
    }

    /**
     * The home partition took the row, so what stands in its way elsewhere is an earlier change: H2's MERGE did not see the
     * row yet when it looked, and met it when it inserted.
     */
    private static Failure unlessUnequal(Failure failure, PartitionId partition, Merge.Copies copies) {
        if (failure.vendorCode() == org.h2.api.ErrorCode.DUPLICATE_KEY_1) {
            throw unequal(partition, copies);
        }
        return failure;
    }

    private static UnequalCopies unequal(PartitionId partition, Merge.Copies copies) {
        return new UnequalCopies("the copy of " + copies.change().table().qualifiedName() + " in partition "
                + partition + " did not have the same rows as that in the home partition within "
                + TimeUnit.NANOSECONDS.toSeconds(TRY_AGAIN_NANOS) + " s");
    }

    private AtHome atHome(DataPlan plan, Merge.Copies copies, StatementCall call) {
        ParameterRows client = call.parameters();
        if (copies.change().kind() == ReplicatedChange.Kind.DELETE) {
            return deleted(plan, copies, call, client);
        }
        List<StoredColumn> columns = copies.change().table().columns();
        KeysWanted all = new KeysWanted(
                KeysWanted.Kind.NAMES, columns.stream().map(StoredColumn::name).toList());
        CompletableFuture<Message> reply = new CompletableFuture<>();
        new BranchExecution(
                        leaders,
                        call,
                        plan.shape(),
                        PartitionId.HOME,
                        (asker, leader, message) -> reply.complete(message))
                .keys(all)
                .asRows()
                .start(copies.pushed().sql(), client, 0, true);
        Message answer = reply.join();
        if (answer instanceof Failure failure) {
            throw new StatementFailedException(orTooManyRows(failure, copies));
        }
        if (!(answer instanceof UpdateCounts done)) {
            throw new IllegalStateException("a change was answered by " + answer);
        }
        CopiedKeys keys = new CopiedKeys(columns, call.wishes().keys());
        List<ParameterRows> rows = new ArrayList<>();
        RowsPage changed = done.generatedKeys();
        if (changed != null) {
            WireReader in = new WireReader(changed.rows());
            for (int left = changed.rowCount(); left > 0; left -= ROWS_AT_ONCE) {
                rows.add(keys.take(in, Math.min(left, ROWS_AT_ONCE)));
            }
        }
        return new AtHome(
                new UpdateCounts(
                        done.counts(),
                        done.failures().stream()
                                .map(failure -> orTooManyRows(failure, copies))
                                .toList(),
                        changed == null ? null : keys.ofClient(changed)),
                rows);
    }

    /** The home partition tells the changed rows as generated keys, which nobody asked for who reads about it. */
    private static Failure orTooManyRows(Failure failure, Merge.Copies copies) {
        return failure.error() != ErrorCode.MESSAGE_TOO_LARGE
                ? failure
                : new Failure(
                        failure.error(),
                        failure.sqlState(),
                        failure.vendorCode(),
                        "The changed rows of REPLICATED table "
                                + copies.change().table().qualifiedName()
                                + " go to all its copies in one message, which"
                                + " holds 56 MB; the statement was not done: change fewer rows at once",
                        failure.transactionEnded());
    }

    /** A DELETE says its rows as a query, set of parameters by set. */
    private AtHome deleted(DataPlan plan, Merge.Copies copies, StatementCall call, ParameterRows client) {
        int[] starts = BoundParameters.valueStarts(client);
        long[] counts = new long[client.sets()];
        int width = copies.change().table().key().size();
        List<ParameterRows> rows = new ArrayList<>();
        WireWriter next = new WireWriter();
        int inNext = 0;
        for (int set = 0; set < counts.length; set++) {
            ParameterRows one = client.sets() == 1 ? client : BoundParameters.oneSet(client, starts, set);
            PartitionRows deleted = deletedBy(plan, copies, call, one, width);
            for (org.h2.value.Value[] row = deleted.next(); row != null; row = deleted.next()) {
                for (org.h2.value.Value value : row) {
                    ValueCodec.write(value, next);
                }
                counts[set]++;
                if (++inNext == ROWS_AT_ONCE) {
                    rows.add(new ParameterRows(inNext, width, next.toByteArray()));
                    next = new WireWriter();
                    inNext = 0;
                }
            }
        }
        if (inNext > 0) {
            rows.add(new ParameterRows(inNext, width, next.toByteArray()));
        }
        return new AtHome(new UpdateCounts(counts, List.of(), null), rows);
    }

    private PartitionRows deletedBy(
            DataPlan plan, Merge.Copies copies, StatementCall call, ParameterRows one, int width) {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        CompletableFuture<@Nullable NodeId> asked = new CompletableFuture<>();
        new BranchExecution(leaders, call, plan.shape(), PartitionId.HOME, (asker, leader, message) -> {
                    asked.complete(leader);
                    reply.complete(message);
                })
                .keys(KeysWanted.NONE)
                .asRows()
                .start(copies.pushed().sql(), one, 0, false);
        Message answer = reply.join();
        NodeId leader = asked.join();
        if (answer instanceof RowsPage page && leader != null) {
            return new PartitionRows(leaders, PartitionId.HOME, leader, page, width, 0);
        }
        throw new StatementFailedException(
                answer instanceof Failure failure
                        ? failure
                        : Failure.of(ErrorCode.INTERNAL_ERROR, "deleted rows expected, got " + answer));
    }

    private static Message await(Consumer<Consumer<Message>> step) {
        CompletableFuture<Message> answer = new CompletableFuture<>();
        step.accept(answer::complete);
        return answer.join();
    }
}
