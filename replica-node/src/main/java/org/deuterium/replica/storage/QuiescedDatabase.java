package org.deuterium.replica.storage;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.engine.ConnectionInfo;
import org.h2.engine.Database;
import org.h2.engine.Engine;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.tx.TransactionStore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An H2 database that stores its file when it is told to and never by itself. H2's own background stores and stores
 * after a commit are not consistent over several maps (H2 issue 2080), and so not safe against a crash.
 */
final class QuiescedDatabase {

    static final String FILE = "replica";

    /** Runs schema changes and applies entries. */
    static final String ADMIN = "DEUTERIUM";

    /** Runs clients' statements: not an administrator, so no files, no Java code, no settings. */
    static final String CLIENT = "SA";

    /** A cut lasts a tenth of a second at most, and the entries it held back follow at once. */
    private static final long AHEAD_NANOS = TimeUnit.SECONDS.toNanos(30);

    private static final long AHEAD_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final Logger LOG = LoggerFactory.getLogger(QuiescedDatabase.class);

    static {
        // Read by H2 when its classes load. 255 open transactions a database (H2's default) are few for a leader.
        setUnlessSet("h2.maxOpenTransactions", "4095");
        setUnlessSet("h2.allowedClasses", "");
        CheckedFilePath.register();
    }

    private final Path directory;
    private final StorageSettings settings;
    private final Database database;
    private final SessionLocal admin;
    private final MVStore store;
    private final CheckpointGate gate = new CheckpointGate();
    private final RecentCommits recentCommits = new RecentCommits();

    /** Held by whoever works on the whole database: a checkpoint, a schema change, the start of a snapshot. */
    private final ReentrantLock maintenance = new ReentrantLock();

    private final AppliedPosition position;
    private final TransactionLedger ledger;
    private final StoreHeader header;
    private final CheckedFile file;
    private final Object openLock = new Object();
    private boolean closed;

    private final AtomicInteger aheadOfLog = new AtomicInteger();

    /** Snapshots that read the file; under the maintenance lock. */
    private int copies;

    private volatile SnapshotPosition checkpointed;

    private QuiescedDatabase(Path directory, StorageSettings settings, SessionLocal admin) {
        this.directory = directory;
        this.settings = settings;
        this.admin = admin;
        this.database = admin.getDatabase();
        this.store = database.getStore().getMvStore();
        quiesce();
        this.position = new AppliedPosition(store);
        this.ledger = new TransactionLedger(store);
        this.header = new StoreHeader(store);
        this.file = header.channel();
        file.watch();
        this.checkpointed = position.applied();
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** @throws StorageUnreachableException if it may well be sound, but cannot be opened now */
    static QuiescedDatabase open(Path directory, StorageSettings settings) {
        try {
            Files.createDirectories(directory);
            SessionLocal admin = connect(directory, settings, ADMIN);
            try {
                QuiescedDatabase database = new QuiescedDatabase(directory, settings, admin);
                database.admin.setAutoCommit(false);
                database.makeClientUser();
                return database;
            } catch (RuntimeException e) {
                admin.getDatabase().shutdownImmediately();
                throw e;
            }
        } catch (IOException | RuntimeException e) { // a damaged file fails in H2 in any way
            throw StorageUnreachableException.of(
                    "H2 database in " + directory + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static SessionLocal connect(Path directory, StorageSettings settings, String user) {
        String path = directory.toAbsolutePath().resolve(FILE).toString();
        if (path.indexOf(';') >= 0) {
            throw new StorageUnreachableException("H2 cannot work in a directory with ';' in its name: " + directory);
        }
        Properties properties = new Properties();
        if (user.equals(ADMIN)) {
            properties.setProperty("DB_CLOSE_ON_EXIT", "FALSE");
            properties.setProperty("DB_CLOSE_DELAY", "-1");
            properties.setProperty("WRITE_DELAY", Integer.toString(Integer.MAX_VALUE));
            properties.setProperty("AUTO_COMPACT_FILL_RATE", "0");
            properties.setProperty("MAX_COMPACT_TIME", "0");
            properties.setProperty("TRACE_LEVEL_FILE", "0");
            properties.setProperty("CACHE_SIZE", Integer.toString(settings.cacheKilobytes()));
            // Values of any size live in their rows: H2's store of large objects is cleaned by a thread of its own.
            properties.setProperty("MAX_LENGTH_INPLACE_LOB", Integer.toString(Integer.MAX_VALUE));
            properties.setProperty("ANALYZE_AUTO", "0");
            properties.setProperty("QUERY_CACHE_SIZE", "0");
            properties.setProperty("OPTIMIZE_REUSE_RESULTS", "0");
        }
        return Engine.createSession(
                new ConnectionInfo("jdbc:h2:" + CheckedFilePath.SCHEME + ":" + path, properties, user, ""));
    }

    private void quiesce() {
        store.setAutoCommitDelay(Integer.MAX_VALUE);
        store.setRetentionTime(settings.retentionMillis());
        setPrivate(MVStore.class, "autoCommitMemory", store, Integer.MAX_VALUE);
        // A transaction's timeout of 0 means "the store's"; this makes it mean "do not wait".
        setPrivate(TransactionStore.class, "timeoutMillis", database.getStore().getTransactionStore(), 0);
        leaveShutdownHook();
    }

    /** H2 stores every database when the process is told to end: without the gate, and without our position. */
    private void leaveShutdownHook() {
        try {
            Method unregister =
                    Class.forName("org.h2.engine.OnExitDatabaseCloser").getDeclaredMethod("unregister", Database.class);
            unregister.setAccessible(true);
            unregister.invoke(null, database);
        } catch (ReflectiveOperationException e) {
            throw new StorageUnreachableException(
                    "this H2 version has another shutdown hook; use the version pinned", e);
        }
    }

    private static void setPrivate(Class<?> owner, String name, Object target, int value) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            field.setInt(target, value);
        } catch (ReflectiveOperationException e) {
            throw new StorageUnreachableException(
                    "this H2 version has no field " + owner.getName() + "." + name + "; use the version pinned", e);
        }
    }

    private void makeClientUser() {
        admin.setAllowLiterals(true);
        if (database.findUser(CLIENT) == null) {
            admin.prepareLocal("CREATE USER " + CLIENT + " PASSWORD ''").executeUpdate(null);
            // The only right that covers tables made later; statements other than DML are refused before they run.
            admin.prepareLocal("GRANT ALTER ANY SCHEMA TO " + CLIENT).executeUpdate(null);
            admin.commit(true);
        }
    }

    /** Never after the end: H2 would open the file a second time, or make another one where it was. */
    SessionLocal newClientSession() {
        SessionLocal session;
        synchronized (openLock) {
            if (closed) {
                throw new StorageFailedException("the database in " + directory + " is closed");
            }
            session = connect(directory, settings, CLIENT);
        }
        session.setAllowLiterals(true);
        session.setAutoCommit(false);
        return session;
    }

    Database database() {
        return database;
    }

    /** For appliers and schema changes only. */
    SessionLocal admin() {
        return admin;
    }

    MVStore store() {
        return store;
    }

    CheckpointGate gate() {
        return gate;
    }

    ReentrantLock maintenance() {
        return maintenance;
    }

    AppliedPosition position() {
        return position;
    }

    TransactionLedger ledger() {
        return ledger;
    }

    SnapshotPosition checkpointed() {
        return checkpointed;
    }

    StorageSettings settings() {
        return settings;
    }

    long unstoredBytes() {
        int estimated = store.getUnsavedMemory();
        // H2 counts in an int.
        return estimated < 0 ? Integer.MAX_VALUE : estimated;
    }

    /** Stores under the closed gate, syncs outside it. */
    SnapshotPosition checkpoint() {
        maintenance.lock();
        try {
            SnapshotPosition stored = store(true);
            store.sync();
            file.synced(header.blocksInUse());
            checkpointed = stored;
            return stored;
        } catch (IOException e) {
            throw new StorageFailedException("the checksums of " + file + " cannot be written: " + e.getMessage(), e);
        } finally {
            maintenance.unlock();
        }
    }

    /** What of the file was found different from what was written, or null. */
    @Nullable
    String damage() {
        return file.damage();
    }

    /**
     * Holds the next blocks of the file against their checksums.
     *
     * @param from a block, 0 to begin
     * @return the block to go on with, 0 at the end
     * @throws StorageFailedException if one is damaged
     */
    int verify(int from, int count) {
        int first = header.blocksInUse().nextSetBit(from);
        if (first < 0) {
            return 0;
        }
        try {
            file.verify(first, count, header::blocksInUse);
            return first + count;
        } catch (IOException e) {
            throw new StorageFailedException(String.valueOf(e.getMessage()), e);
        }
    }

    RecentCommits recentCommits() {
        return recentCommits;
    }

    /** How many commits H2 shows before their place in the log (for a cut); changed in the gate. */
    AtomicInteger aheadOfLog() {
        return aheadOfLog;
    }

    /** Closes the gate at a moment when H2 shows exactly the log up to the position. */
    private long closeGateInOrder() {
        long deadline = System.nanoTime() + AHEAD_NANOS;
        long stamp = gate.close();
        while (aheadOfLog.get() > 0) {
            gate.open(stamp);
            if (System.nanoTime() - deadline > 0) {
                throw new StorageFailedException("H2 in " + directory + " has shown commits before their place in the"
                        + " log for longer than a cut lasts; the replica is to be rebuilt from another one");
            }
            LockSupport.parkNanos(AHEAD_PAUSE_NANOS);
            stamp = gate.close();
        }
        return stamp;
    }

    /** Makes the file the state of the index returned; with the maintenance lock. */
    SnapshotPosition store(boolean compact) {
        long stamp = closeGateInOrder();
        try {
            long start = System.nanoTime();
            position.store();
            ledger.store();
            store.commit();
            if (compact && copies == 0 && settings.compactBytes() > 0) {
                store.compact(70, settings.compactBytes());
            }
            header.nameNewestChunk();
            LOG.debug("{}: gate closed for {} us", directory, (System.nanoTime() - start) / 1_000);
            return position.applied();
        } finally {
            gate.open(stamp);
        }
    }

    /**
     * Stores, and keeps what is in the file from then on until {@link #endCopy}: later stores go behind its end. So a
     * reader of the length returned sees the state of the position returned, however long it takes.
     */
    FileCopy beginCopy() {
        maintenance.lock();
        try {
            SnapshotPosition stored = store(false);
            if (copies++ == 0) {
                store.setReuseSpace(false);
            }
            return new FileCopy(stored, store.getFileStore(), header.blocks(), header.bytesInUse());
        } finally {
            maintenance.unlock();
        }
    }

    void endCopy() {
        maintenance.lock();
        try {
            if (--copies == 0) {
                store.setReuseSpace(true);
            }
        } finally {
            maintenance.unlock();
        }
    }

    /** Leaves the file as the last checkpoint made it. */
    void close() {
        synchronized (openLock) {
            closed = true;
            database.shutdownImmediately();
        }
    }
}
