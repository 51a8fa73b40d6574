package org.deuterium.router.catalog;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongFunction;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The one copy of the schema on which changes are tried, kept from one to the next: a change that was tried and then
 * decided is in it already, another one is undone, and changes of other routers are replayed. Only a copy that nothing
 * brings back is made anew from the whole log, before the next trial. Trials follow one another; they hold up nobody else.
 */
final class SpareSchema implements AutoCloseable {

    private final String name;
    private final LongFunction<List<CatalogChange>> decidedAfter;
    private final AtomicBoolean doubtful = new AtomicBoolean();
    private @Nullable SchemaDatabase copy;
    private @Nullable SchemaTrial last;
    private long version;
    private long replayed;
    private volatile boolean closed;

    /** @param decidedAfter the changes decided after a version, in order; must not wait for a trial */
    SpareSchema(String name, LongFunction<List<CatalogChange>> decidedAfter) {
        this.name = name;
        this.decidedAfter = decidedAfter;
    }

    /**
     * Tries a change.
     *
     * @throws RuntimeException H2's own or a refusal, if it fails or would break a rule
     */
    synchronized SchemaVerdict check(String schema, String sql) {
        SchemaDatabase present = present();
        SchemaTrial trial = new SchemaTrial(present, new CatalogChange(version + 1, schema, sql));
        last = trial;
        return trial.run();
    }

    private SchemaDatabase present() {
        refuseIfClosed();
        List<CatalogChange> missing = decidedAfter.apply(version);
        // Looked at behind the versions: doubt about one of them comes before it.
        if (doubtful.getAndSet(false)) {
            drop();
        }
        SchemaTrial tried = last;
        last = null;
        if (tried != null && !missing.isEmpty() && tried.made(missing.get(0))) {
            version++;
            missing = missing.subList(1, missing.size());
        } else if (tried != null && !tried.undo()) {
            drop();
        }
        SchemaDatabase present = copy;
        if (present == null) {
            version = 0;
            missing = decidedAfter.apply(version);
            present = new SchemaDatabase(name);
            copy = present;
        }
        for (CatalogChange change : missing) {
            refuseIfClosed();
            present.replay(change);
            version = change.version();
            replayed++;
        }
        return present;
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new StatementRefusedException(
                    Failure.of(ErrorCode.NOT_READY, "this node is stopping; change the schema through another one"));
        }
    }

    /** The last change tried, or one decided, may have left here something else than in the schema; never blocks. */
    void doubt() {
        doubtful.set(true);
    }

    /** How many changes were replayed so far, over all trials. */
    synchronized long replayed() {
        return replayed;
    }

    private void drop() {
        SchemaDatabase old = copy;
        copy = null;
        last = null;
        version = 0;
        if (old != null) {
            old.close();
        }
    }

    @Override
    public void close() {
        closed = true;
        synchronized (this) {
            drop();
        }
    }
}
