package org.deuterium.replica.service;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads on which a node serves its partitions. Statements that may take as long as their clients like have threads of
 * their own, so that whatever ends a transaction, or lets one get on, finds another. Nothing on a worker waits for what is
 * on a thread of statements, so neither can hold up the other for good.
 */
final class ServiceThreads implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ServiceThreads.class);

    /** So many statements of which nobody knows how long they take run at once; more wait until one has ended. */
    static final int STATEMENTS = 32;

    /** What these do waits for a checkpoint at most, or some milliseconds for a row, and takes no longer than a write set. */
    private static final int WORKERS = 32;

    private final ExecutorService statementPool;
    private final ExecutorService workerPool;
    private final ExecutorService background;
    private final Executor statements;
    private final Executor workers;

    ServiceThreads(String node) {
        this.statementPool = Executors.newFixedThreadPool(STATEMENTS, named("deuterium-statement-" + node));
        this.workerPool = Executors.newFixedThreadPool(WORKERS, named("deuterium-worker-" + node));
        this.background = Executors.newCachedThreadPool(named("deuterium-schema-" + node));
        this.statements = guarded(statementPool);
        this.workers = guarded(workerPool);
    }

    /** Numbered daemon threads. */
    static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** A task that fails is a defect that must be seen, and must not take its thread along. */
    private static Executor guarded(Executor pool) {
        return task -> pool.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOG.error("{} failed", Thread.currentThread().getName(), e);
            }
        });
    }

    /** For statements that may take long: a queue in the order in which they came. */
    Executor statements() {
        return statements;
    }

    /** For ends, savepoints, pages of results, brief statements that come again: what is soon done. */
    Executor workers() {
        return workers;
    }

    /** Where a statement runs that cannot run, or go on, where it is. */
    Executor of(ExecuteInBranch statement) {
        return statement.brief() ? workers : statements;
    }

    /** For what waits for others, however long; as many threads as that takes. */
    Executor background() {
        return background;
    }

    /** What is handed in from now on is rejected; what was before is still done, unless the process ends. */
    @Override
    public void close() {
        statementPool.shutdown();
        workerPool.shutdown();
        background.shutdown();
    }
}
