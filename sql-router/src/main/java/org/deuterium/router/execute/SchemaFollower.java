package org.deuterium.router.execute;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.router.catalog.CatalogChange;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.StatementRefusedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the router's catalog at the version of the schema log. */
public final class SchemaFollower implements ClusterListener {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaFollower.class);

    private final SchemaLog log;
    private final CatalogDatabase catalog;
    private final Executor workers;
    private final ChangeSignal changes = new ChangeSignal();

    public SchemaFollower(SchemaLog log, CatalogDatabase catalog, Executor workers) {
        this.log = log;
        this.catalog = catalog;
        this.workers = workers;
    }

    @Override
    public void onSchemaDecided(long version) {
        workers.execute(this::catchUp);
    }

    @Override
    public void onSchemaProposal() {
        changes.fire();
    }

    /** Fires when the catalog has a new version, or a proposal came or went. */
    public ChangeSignal changes() {
        return changes;
    }

    /** Applies what the log has and the catalog has not; blocks while another thread does. */
    public synchronized void catchUp() {
        List<SchemaChange> missing = log.changesAfter(catalog.version());
        for (SchemaChange change : missing) {
            try {
                catalog.apply(new CatalogChange(change.version(), change.placement(), change.sql()));
            } catch (StatementRefusedException e) {
                // Every router and partition sees the same failure; the version counts, without effect.
                LOG.error("schema version {} has no effect: {} ({})", change.version(), e.getMessage(), change.sql());
            }
        }
        changes.fire();
    }

    /** Waits until the catalog has at least this version; false if it does not in time. Blocks. */
    public boolean await(long version, long timeoutMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        while (true) {
            long seen = changes.count();
            if (catalog.version() < version && log.version() >= version) {
                catchUp();
            }
            if (catalog.version() >= version) {
                return true;
            }
            long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (leftMillis <= 0) {
                return false;
            }
            changes.next(seen, leftMillis).join();
        }
    }
}
