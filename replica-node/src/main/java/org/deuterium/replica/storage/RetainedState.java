package org.deuterium.replica.storage;

import java.lang.reflect.Field;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.command.Command;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.jspecify.annotations.Nullable;

/**
 * A state of the past that H2 still shows: the roots of all tables' maps at one moment, and its store's promise to keep the
 * pages below them. Any number of sessions may look at it, whose transactions begin later.
 *
 * <p>In those pages stand the changes of transactions that were open at the moment, each with its transaction's number, and H2
 * shows a transaction what bears its own number. Numbers are given again; so a transaction that has got one of those must
 * not look.
 */
final class RetainedState {

    private static final Field MAPS = field(Transaction.class, "transactionMaps");
    private static final Field SNAPSHOT = field(TransactionMap.class, "snapshot");
    private static final Field OPEN = field(TransactionStore.class, "openTransactions");

    private final MVStore store;
    private final long schemaVersion;
    private final Map<Integer, Object> snapshots;
    private final BitSet openThen;
    private final MVStore.TxCounter usage;

    /** Under the lock of the {@link RetainedStates}. */
    private int readers;

    private boolean dropped;

    private RetainedState(
            MVStore store,
            long schemaVersion,
            Map<Integer, Object> snapshots,
            BitSet openThen,
            MVStore.TxCounter usage) {
        this.store = store;
        this.schemaVersion = schemaVersion;
        this.snapshots = snapshots;
        this.openThen = openThen;
        this.usage = usage;
    }

    private static Field field(Class<?> owner, String name) {
        try {
            Field field = owner.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new StorageFailedException(
                    "this H2 version has no " + owner.getSimpleName() + "." + name + "; use the version pinned", e);
        }
    }

    /**
     * What H2 shows now; null if a transaction began or ended meanwhile, so that it is not sure which were open.
     *
     * @param session at SNAPSHOT, in no transaction
     * @param any a query, parsed by the session
     */
    static @Nullable RetainedState take(QuiescedDatabase database, SessionLocal session, Command any) {
        MVStore store = database.store();
        session.lock();
        try {
            TransactionStore transactions = database.database().getStore().getTransactionStore();
            Transaction own = session.getTransaction();
            MVStore.TxCounter usage =
                    store.registerVersionUsage(); // before the roots: so their version or an older one is kept
            Object before = open(transactions);
            session.startStatementWithinTransaction(any);
            if (before != open(transactions)) {
                store.deregisterVersionUsage(usage);
                return null;
            }
            BitSet openThen = BitSet.valueOf(PrivateFields.read(before, "bits", long[].class));
            openThen.clear(own.getId());
            Map<Integer, Object> snapshots = new HashMap<>();
            maps(own).forEach((number, map) -> snapshots.put(number, read(SNAPSHOT, map)));
            return new RetainedState(store, database.position().applied().schemaVersion(), snapshots, openThen, usage);
        } finally {
            session.endStatement();
            session.commit(false);
            session.unlock();
        }
    }

    /** H2 puts another object there whenever a transaction begins or ends. */
    private static Object open(TransactionStore transactions) {
        return Objects.requireNonNull(((AtomicReference<?>) read(OPEN, transactions)).get());
    }

    @SuppressWarnings("unchecked") // as H2 declares it
    private static Map<Integer, TransactionMap<?, ?>> maps(Transaction transaction) {
        return (Map<Integer, TransactionMap<?, ?>>) read(MAPS, transaction);
    }

    private static Object read(Field field, Object target) {
        try {
            Object value = field.get(target);
            if (value == null) {
                throw new IllegalStateException(field + " is not set");
            }
            return value;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " cannot be read", e);
        }
    }

    /** Plans made for another version of the schema may name tables that were not there, or were others. */
    boolean isOfSchema(long version) {
        return version == schemaVersion;
    }

    /** True if the session's transaction, which begins if there is none, has a number that shows it nobody's changes. */
    boolean mayBeSeenBy(SessionLocal session) {
        return !openThen.get(session.getTransaction().getId());
    }

    /** The session's transaction, which has just begun its first statement, sees this state from now on. */
    void showTo(SessionLocal session) {
        maps(session.getTransaction()).forEach((number, map) -> {
            Object then = snapshots.get(number);
            if (then == null) {
                throw new IllegalStateException("a table of the present was not there in the state asked for");
            }
            try {
                SNAPSHOT.set(map, then);
            } catch (IllegalAccessException e) {
                throw new IllegalStateException(SNAPSHOT + " cannot be set", e);
            }
        });
    }

    void acquire() {
        readers++;
    }

    void release() {
        readers--;
        giveBackIfUnused();
    }

    /** Nobody will look at it any more but those who do now. */
    void drop() {
        dropped = true;
        giveBackIfUnused();
    }

    private void giveBackIfUnused() {
        if (dropped && readers == 0) {
            store.deregisterVersionUsage(usage);
        }
    }
}
