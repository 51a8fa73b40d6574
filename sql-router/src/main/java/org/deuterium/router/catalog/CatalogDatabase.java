package org.deuterium.router.catalog;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.deuterium.values.StatementTime;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logical schema as an empty H2 database in memory, brought forward by replaying the schema log. Any number of
 * threads may read it; a change waits for them and holds new ones back for the few milliseconds it takes.
 */
public final class CatalogDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CatalogDatabase.class);

    private final String name;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final List<CatalogChange> history = new ArrayList<>();
    private final ConcurrentLinkedQueue<JdbcConnection> idle = new ConcurrentLinkedQueue<>();
    private final SpareSchema spare;
    private SchemaDatabase database;
    private volatile CatalogSnapshot snapshot;

    public CatalogDatabase() {
        this("DEUTERIUM");
    }

    /** A catalog whose CURRENT_CATALOG is this name. */
    public CatalogDatabase(String name) {
        this.name = name;
        database = new SchemaDatabase(name);
        snapshot = database.snapshot(0);
        spare = new SpareSchema(name, this::decidedAfter);
    }

    /** The last version of the schema log that was applied; 0 for the empty schema. */
    public long version() {
        return snapshot.version();
    }

    /** What planning needs of the present version. */
    public CatalogSnapshot snapshot() {
        return snapshot;
    }

    /**
     * Brings the catalog to the next version.
     *
     * @throws StatementRefusedException if the change fails; the version counts as applied all the same, without effect
     * @throws IllegalArgumentException if it is not the next version
     */
    public void apply(CatalogChange change) {
        lock.writeLock().lock();
        try {
            if (change.version() != snapshot.version() + 1) {
                throw new IllegalArgumentException("schema version " + change.version() + " cannot follow version "
                        + snapshot.version() + " of the catalog");
            }
            synchronized (history) {
                history.add(change);
            }
            try {
                database.apply(change);
            } catch (RuntimeException e) {
                LOG.error("schema version {} has no effect, it failed: {}", change.version(), change.sql(), e);
                spare.doubt();
                rebuild();
                throw H2Failures.refused(e);
            } finally {
                snapshot = database.snapshot(change.version());
                LOG.debug("catalog at version {}", change.version());
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** A failed change may have left a part behind: a new H2 is made from those that worked. */
    private void rebuild() {
        closeIdle();
        SchemaDatabase old = database;
        database = replayed();
        old.close();
    }

    private SchemaDatabase replayed() {
        SchemaDatabase fresh = new SchemaDatabase(name);
        history.forEach(fresh::replay);
        return fresh;
    }

    private List<CatalogChange> decidedAfter(long from) {
        synchronized (history) {
            return List.copyOf(history.subList((int) from, (int) version()));
        }
    }

    /**
     * Tries a change on a copy of the schema; waits for other trials, and for nothing else.
     *
     * @param schema the client's current schema
     * @throws StatementRefusedException if it fails, or would break a rule of partitioned tables
     */
    public SchemaVerdict check(String schema, String sql) {
        DdlText.refuseNew(SqlTokens.of(sql));
        try {
            return spare.check(schema, sql);
        } catch (RuntimeException e) {
            throw H2Failures.refused(e);
        }
    }

    /** The copy on which changes are tried. */
    SpareSchema spare() {
        return spare;
    }

    /**
     * Prepares a statement on the empty schema.
     *
     * @throws StatementRefusedException with H2's own error
     */
    public StatementFacts prepare(String schema, String sql) {
        return withSession(schema, session -> StatementReader.read(session, snapshot, sql));
    }

    /** The value of a constant expression, as H2 computes it. */
    public org.h2.value.Value evaluate(String schema, String expression) {
        return withSession(schema, session -> CatalogQueries.evaluate(session, expression));
    }

    /** True if the user may log in. */
    public boolean mayLogIn(String user, String password) {
        if (!user.equalsIgnoreCase(SchemaDatabase.CLIENT_USER)) {
            return false;
        }
        return password.equals(SchemaDatabase.CLIENT_PASSWORD);
    }

    /** Runs a query that needs no partition, as a user without special rights; all rows come in one page. */
    public RowsPage query(String schema, StatementTime time, String sql, ParameterRows parameters, long maxRows) {
        return withSession(schema, session -> CatalogQueries.query(session, time, sql, parameters, maxRows));
    }

    /** Calls a method of DatabaseMetaData; all rows come in one page, with columns. */
    public RowsPage describe(DescribeCatalog request) {
        lock.readLock().lock();
        JdbcConnection connection = borrow();
        try {
            RowsPage page = CatalogMetadata.call(connection, request);
            idle.add(connection);
            return page;
        } catch (RuntimeException e) {
            discard(connection);
            throw H2Failures.refused(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    private <T> T withSession(String schema, Function<SessionLocal, T> work) {
        lock.readLock().lock();
        JdbcConnection connection = borrow();
        try {
            SessionLocal session = (SessionLocal) connection.getSession();
            session.setCurrentSchema(session.getDatabase().getSchema(schema));
            T result = work.apply(session);
            idle.add(connection);
            return result;
        } catch (RuntimeException e) {
            discard(connection);
            throw H2Failures.refused(e);
        } finally {
            lock.readLock().unlock();
        }
    }

    private JdbcConnection borrow() {
        JdbcConnection connection = idle.poll();
        if (connection != null) {
            return connection;
        }
        try {
            return database.connect(SchemaDatabase.CLIENT_USER, SchemaDatabase.CLIENT_PASSWORD);
        } catch (SQLException e) {
            throw H2Failures.refused(e);
        }
    }

    private static void discard(JdbcConnection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.warn("a session of the catalog did not close", e);
        }
    }

    private void closeIdle() {
        for (JdbcConnection connection = idle.poll(); connection != null; connection = idle.poll()) {
            discard(connection);
        }
    }

    @Override
    public void close() {
        spare.close();
        lock.writeLock().lock();
        try {
            closeIdle();
            database.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
