package org.deuterium.benchmarks.tpcc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.deuterium.benchmarks.FailureKind;
import org.jspecify.annotations.Nullable;

/**
 * One emulated terminal: draws a transaction, runs it until it is committed, and counts how it went. Without keying
 * and thinking times; a terminal stays with its warehouse.
 */
final class Terminal implements Runnable {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long RECONNECT_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final TpccRun run;
    private final int warehouse;
    private final TpccRandom random;
    private @Nullable TerminalConnection connection;

    Terminal(TpccRun run, int number, int warehouse) {
        this.run = run;
        this.warehouse = warehouse;
        this.random = new TpccRandom(System.nanoTime() ^ (0x9E3779B97F4A7C15L * (number + 1)));
    }

    @Override
    public void run() {
        try {
            while (!run.stopping()) {
                TransactionKind kind = TransactionKind.drawn(random);
                runUntilCommitted(kind, kind.create(random, run.scale(), warehouse));
            }
        } finally {
            disconnect();
        }
    }

    private void runUntilCommitted(TransactionKind kind, TpccTransaction transaction) {
        long started = System.nanoTime();
        while (!run.stopping()) {
            long id = run.nextId();
            long begun = System.nanoTime();
            boolean committing = false;
            try {
                TerminalConnection open = connected();
                boolean wanted = transaction.run(open);
                if (!wanted) {
                    open.rollback();
                    run.rolledBack();
                    return;
                }
                if (kind.writes() && run.journal() != null) {
                    open.update(
                            "INSERT INTO journal (j_w_id, j_id, j_kind) VALUES (?, ?, ?)", warehouse, id, kind.label());
                }
                committing = true;
                open.commit();
                acknowledged(kind, id, started, begun);
                return;
            } catch (SQLException failure) {
                if (!runAgain(kind, transaction, id, committing && kind.writes(), failure)) {
                    return;
                }
            }
        }
    }

    /** Counts a failure and brings the connection back into order; false: the transaction is not to be repeated. */
    private boolean runAgain(
            TransactionKind kind, TpccTransaction transaction, long id, boolean committing, SQLException failure) {
        FailureKind failureKind = FailureKind.of(failure);
        run.failed(failureKind, failure);
        boolean inDoubt = failureKind == FailureKind.OUTCOME_UNKNOWN
                || (committing && failureKind == FailureKind.CONNECTION_LOST);
        if (inDoubt || failureKind == FailureKind.CONNECTION_LOST) {
            disconnect();
        } else {
            rollBack();
        }
        if (inDoubt && kind.writes()) {
            return !resolve(transaction, id);
        }
        LockSupport.parkNanos(failureKind == FailureKind.RETRY ? PAUSE_NANOS : RECONNECT_PAUSE_NANOS);
        return failureKind != FailureKind.ERROR;
    }

    /** Looks until there is an answer whether a commit in doubt happened. */
    private boolean resolve(TpccTransaction transaction, long id) {
        while (!run.stopping()) {
            try {
                TerminalConnection open = connected();
                boolean happened = transaction.happened(open);
                open.rollback();
                run.resolved(happened);
                if (happened) {
                    return true;
                }
                journalUnknown(id);
                return false;
            } catch (SQLException e) {
                run.failed(FailureKind.of(e), e);
                disconnect();
                LockSupport.parkNanos(RECONNECT_PAUSE_NANOS);
            }
        }
        journalUnknown(id);
        run.unresolved();
        return true;
    }

    private void acknowledged(TransactionKind kind, long id, long firstBegun, long begun) {
        CommitJournal journal = run.journal();
        if (journal != null && kind.writes()) {
            try {
                journal.acknowledged(warehouse, id);
            } catch (IOException e) {
                throw new UncheckedIOException("the journal of acknowledged commits cannot be written", e);
            }
        }
        run.committed(kind, warehouse, firstBegun, begun);
    }

    private void journalUnknown(long id) {
        CommitJournal journal = run.journal();
        if (journal != null) {
            try {
                journal.unknown(warehouse, id);
            } catch (IOException e) {
                throw new UncheckedIOException("the journal of acknowledged commits cannot be written", e);
            }
        }
    }

    private TerminalConnection connected() throws SQLException {
        if (connection == null) {
            connection = new TerminalConnection(run.database());
        }
        return connection;
    }

    private void rollBack() {
        try {
            if (connection != null) {
                connection.rollback();
            }
        } catch (SQLException e) {
            run.failed(FailureKind.of(e), e);
            disconnect();
        }
    }

    private void disconnect() {
        TerminalConnection closing = connection;
        connection = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (SQLException e) {
                // The connection is given up either way; count it, for a close that fails is worth knowing.
                run.failed(FailureKind.CONNECTION_LOST, e);
            }
        }
    }
}
