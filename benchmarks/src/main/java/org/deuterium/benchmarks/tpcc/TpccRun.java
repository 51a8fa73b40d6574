package org.deuterium.benchmarks.tpcc;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.deuterium.benchmarks.FailureKind;
import org.deuterium.benchmarks.LatencyStatistics;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;

/** A measured run of terminals against loaded tables. */
public final class TpccRun {

    /** Is told of every commit, on the terminal's thread. */
    public interface CommitListener {

        /**
         * @param wrote false for a transaction that only reads
         * @param begunNanos when the attempt that succeeded began, in System.nanoTime()
         */
        void committed(int warehouse, boolean wrote, long begunNanos, long nowNanos);
    }

    private final TargetDatabase database;
    private final TpccScale scale;
    private final int terminals;
    private final @Nullable CommitJournal journal;
    private final CommitListener listener;
    private final PrintStream out;
    private final AtomicLong ids = new AtomicLong(System.currentTimeMillis() << 20);
    private final LatencyStatistics statistics = new LatencyStatistics();
    private final LongAdder rolledBack = new LongAdder();
    private final LongAdder resolvedCommitted = new LongAdder();
    private final LongAdder resolvedNot = new LongAdder();
    private final LongAdder unresolved = new LongAdder();
    private final Map<String, String> firstMessages = new ConcurrentHashMap<>();
    private final List<Long> perSecond = new ArrayList<>();
    private volatile boolean stopping;
    private double seconds;

    public TpccRun(
            TargetDatabase database,
            TpccScale scale,
            int terminals,
            @Nullable CommitJournal journal,
            CommitListener listener,
            PrintStream out) {
        this.database = database;
        this.scale = scale;
        this.terminals = terminals;
        this.journal = journal;
        this.listener = listener;
        this.out = out;
    }

    /** Runs the terminals for so many seconds, printing a line for each. */
    public void run(int durationSeconds) throws InterruptedException {
        long start = System.nanoTime();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < terminals; i++) {
            Thread thread = new Thread(new Terminal(this, i, 1 + i % scale.warehouses()), "terminal-" + i);
            threads.add(thread);
            thread.start();
        }
        try {
            printUntil(start, durationSeconds);
        } finally {
            stopping = true;
        }
        seconds = (System.nanoTime() - start) / 1e9;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void printUntil(long start, int durationSeconds) throws InterruptedException {
        long lastTotal = 0;
        long lastOrders = 0;
        for (int second = 1; second <= durationSeconds; second++) {
            long due = start + TimeUnit.SECONDS.toNanos(second);
            TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
            long total = statistics.operations();
            long orders = statistics.count(TransactionKind.NEW_ORDER.label());
            long failed = statistics.failures().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            perSecond.add(total - lastTotal);
            out.printf(
                    "  %3d s  %,7d tx/s  %,7d new orders/s  %,d failures so far%n",
                    second, total - lastTotal, orders - lastOrders, failed);
            lastTotal = total;
            lastOrders = orders;
        }
    }

    /** New orders committed in a minute. */
    public double tpmC() {
        return statistics.count(TransactionKind.NEW_ORDER.label()) * 60 / Math.max(seconds, 1e-9);
    }

    public long committed() {
        return statistics.operations();
    }

    /** Commits in each second of the run. */
    public List<Long> perSecond() {
        return List.copyOf(perSecond);
    }

    public Map<String, Long> failures() {
        return statistics.failures();
    }

    /** Failures that the same transaction would meet again: a fault of the database or of this program. */
    public long errors() {
        return statistics.failures().getOrDefault(FailureKind.ERROR.name(), 0L);
    }

    public void printReport() {
        out.printf(
                "%n%-14s %10s %9s %9s %9s %9s   (milliseconds)%n", "transaction", "count", "p50", "p95", "p99", "max");
        for (TransactionKind kind : TransactionKind.values()) {
            String name = kind.label();
            out.printf(
                    "%-14s %,10d %9.2f %9.2f %9.2f %9.2f%n",
                    name,
                    statistics.count(name),
                    statistics.millisAt(name, 50),
                    statistics.millisAt(name, 95),
                    statistics.millisAt(name, 99),
                    statistics.millisAt(name, 100));
        }
        out.printf(
                "%ntpmC %,.0f   %,.0f transactions/s   %,d rolled back as ordered (unused item)%n",
                tpmC(), committed() / Math.max(seconds, 1e-9), rolledBack.sum());
        printFailures();
    }

    private void printFailures() {
        Map<String, Long> failures = statistics.failures();
        if (failures.isEmpty()) {
            out.println("failures: none");
            return;
        }
        out.println("failures: " + failures);
        if (failures.containsKey(FailureKind.OUTCOME_UNKNOWN.name())
                || resolvedCommitted.sum() + resolvedNot.sum() > 0) {
            out.printf(
                    "  outcome unknown: %d looked up and committed, %d looked up and not, %d not looked up at the end%n",
                    resolvedCommitted.sum(), resolvedNot.sum(), unresolved.sum());
        }
        new TreeMap<>(firstMessages).forEach((kind, message) -> out.println("  first " + kind + ": " + message));
    }

    boolean stopping() {
        return stopping;
    }

    TpccScale scale() {
        return scale;
    }

    TargetDatabase database() {
        return database;
    }

    @Nullable
    CommitJournal journal() {
        return journal;
    }

    long nextId() {
        return ids.incrementAndGet();
    }

    void committed(TransactionKind kind, int warehouse, long firstBegunNanos, long begunNanos) {
        long now = System.nanoTime();
        statistics.succeeded(kind.label(), now - firstBegunNanos);
        listener.committed(warehouse, kind.writes(), begunNanos, now);
    }

    /** A New-Order that was ordered to roll back is done, but is no order. */
    void rolledBack() {
        rolledBack.increment();
    }

    void failed(FailureKind kind, java.sql.SQLException failure) {
        statistics.failed(kind.name());
        firstMessages.putIfAbsent(kind.name(), failure.getSQLState() + " " + failure.getMessage());
    }

    void resolved(boolean happened) {
        (happened ? resolvedCommitted : resolvedNot).increment();
    }

    void unresolved() {
        unresolved.increment();
    }
}
