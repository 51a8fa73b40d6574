package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/**
 * What a partition's log says of transactions: which are prepared and wait for their decision, which commits over several
 * partitions may still be asked for, and the latest outcome of each client session. A session runs one transaction after
 * another, so its latest outcome is all that anybody can be in doubt about (the client table of Liskov and Cowling,
 * Viewstamped Replication Revisited, 4.1). Derived from the log alone, and stored with each checkpoint.
 */
final class TransactionLedger {

    /** Sessions whose latest outcome is kept; the one that has been silent for longest is forgotten first. */
    static final int SESSIONS = 1 << 16;

    private static final String MAP = "deuterium.transactions";
    private static final char SESSION = 's';
    private static final char PREPARED = 'P';
    private static final char UNFINISHED = 'U';

    /** As older versions stored them, without timestamps. */
    private static final char PREPARED_UNTIMED = 'p';

    private static final char UNFINISHED_UNTIMED = 'u';
    private static final char FORGOTTEN = 'f';
    private static final TransactionOutcome NOTHING = TransactionOutcome.of(State.ABORTED);

    private final MVMap<String, byte[]> stored;
    private final Set<SessionKey> changedSessions = new HashSet<>();
    private final Set<TransactionId> changedTransactions = new HashSet<>();
    private boolean forgottenChanged;
    private final Map<TransactionId, PreparedTransaction> prepared = new LinkedHashMap<>();
    private final Map<TransactionId, CommittedTransaction> unfinished = new LinkedHashMap<>();
    private final Map<SessionKey, SessionOutcome> sessions = new LinkedHashMap<>();

    /** For each origin the highest session that was forgotten: of it and those before, absence says nothing. */
    private final Map<Long, Long> forgotten = new HashMap<>();

    private final int maxSessions;

    /** One client session at one router. */
    private record SessionKey(long origin, long session) {

        static SessionKey of(TransactionId id) {
            return new SessionKey(id.origin(), id.session());
        }

        String stored() {
            return name(SESSION, origin, session);
        }
    }

    /**
     * The latest of one session.
     *
     * @param committed the last sequence committed, 0 none
     * @param count rows changed by it, or TransactionOutcome.NOT_KNOWN
     * @param aborted sequences up to this one that are not committed never will be
     * @param index where the log said so last
     */
    private record SessionOutcome(long committed, long count, long aborted, long index) {

        static final SessionOutcome NONE = new SessionOutcome(0, TransactionOutcome.NOT_KNOWN, 0, 0);
    }

    TransactionLedger(MVStore store) {
        this(store, SESSIONS);
    }

    TransactionLedger(MVStore store, int maxSessions) {
        this.maxSessions = maxSessions;
        this.stored = store.openMap(
                MAP,
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
        load();
    }

    /** A transaction of this partition alone is committed. */
    synchronized void committed(TransactionId id, LogIndex index, long count) {
        if (id.equals(TransactionId.NONE)) {
            return;
        }
        SessionKey key = SessionKey.of(id);
        SessionOutcome before = sessions.getOrDefault(key, SessionOutcome.NONE);
        if (id.sequence() >= before.committed) {
            put(key, new SessionOutcome(id.sequence(), count, before.aborted, index.position()));
        }
    }

    /** A transaction, and those of its session before it, are never to be committed unless they are. */
    synchronized void aborted(TransactionId id, LogIndex index) {
        SessionKey key = SessionKey.of(id);
        SessionOutcome before = sessions.getOrDefault(key, SessionOutcome.NONE);
        long through = Math.max(before.aborted, id.sequence());
        put(key, new SessionOutcome(before.committed, before.count, through, index.position()));
    }

    private void put(SessionKey key, SessionOutcome outcome) {
        sessions.remove(key); // the order is that of the log, the same on every replica
        sessions.put(key, outcome);
        changedSessions.add(key);
        if (sessions.size() > maxSessions) {
            SessionKey eldest = sessions.keySet().iterator().next();
            sessions.remove(eldest);
            changedSessions.add(eldest);
            forgotten.merge(eldest.origin, eldest.session, Math::max);
            forgottenChanged = true;
        }
    }

    synchronized void prepared(PreparedTransaction transaction) {
        prepared.put(transaction.transaction(), transaction);
        changedTransactions.add(transaction.transaction());
    }

    /** The decision; what was prepared, or null if it was decided before. */
    synchronized @Nullable PreparedTransaction decided(
            TransactionId id, boolean commit, Timestamp timestamp, LogIndex index) {
        PreparedTransaction decided = prepared.remove(id);
        if (decided == null) {
            return null;
        }
        changedTransactions.add(id);
        if (commit) {
            unfinished.put(id, new CommittedTransaction(decided.participants(), timestamp));
            committed(id, index, TransactionOutcome.NOT_KNOWN);
        }
        return decided;
    }

    synchronized void finished(List<TransactionId> ids) {
        for (TransactionId id : ids) {
            if (unfinished.remove(id) != null) {
                changedTransactions.add(id);
            }
        }
    }

    synchronized List<PreparedTransaction> allPrepared() {
        return new ArrayList<>(prepared.values());
    }

    synchronized @Nullable PreparedTransaction preparedAs(TransactionId id) {
        return prepared.get(id);
    }

    synchronized boolean isUnfinished(TransactionId id) {
        return unfinished.containsKey(id);
    }

    synchronized Map<TransactionId, CommittedTransaction> allUnfinished() {
        return new LinkedHashMap<>(unfinished);
    }

    /** True if the log says that this transaction must not be worked for any more. */
    synchronized boolean isRefused(TransactionId id) {
        SessionOutcome outcome = sessions.getOrDefault(SessionKey.of(id), SessionOutcome.NONE);
        return id.sequence() <= outcome.aborted;
    }

    /**
     * Whether one of the transactions of a session from one to another is committed, prepared, or forgotten; ABORTED if
     * the log says nothing of them, or that.
     */
    synchronized TransactionOutcome outcome(TransactionId from, TransactionId through) {
        for (PreparedTransaction waiting : prepared.values()) {
            if (isBetween(from, waiting.transaction(), through)) {
                return TransactionOutcome.of(State.PREPARED, waiting.timestamp());
            }
        }
        for (Map.Entry<TransactionId, CommittedTransaction> committed : unfinished.entrySet()) {
            if (isBetween(from, committed.getKey(), through)) {
                return TransactionOutcome.of(
                        State.COMMITTED, committed.getValue().timestamp());
            }
        }
        SessionKey key = SessionKey.of(from);
        SessionOutcome outcome = sessions.getOrDefault(key, SessionOutcome.NONE);
        if (outcome.committed > through.sequence()) {
            return TransactionOutcome.of(State.FORGOTTEN);
        }
        if (outcome.committed >= from.sequence()) {
            return new TransactionOutcome(State.COMMITTED, outcome.count);
        }
        long lastForgotten = forgotten.getOrDefault(key.origin, -1L);
        return outcome == SessionOutcome.NONE && key.session <= lastForgotten
                ? TransactionOutcome.of(State.FORGOTTEN)
                : NOTHING;
    }

    private static boolean isBetween(TransactionId from, TransactionId id, TransactionId through) {
        return id.origin() == from.origin() && id.sequence() >= from.sequence() && id.sequence() <= through.sequence();
    }

    private static String name(char kind, long origin, long number) {
        return kind + Long.toHexString(origin) + "-" + number;
    }

    /** Only with the gate closed: what changed since the last store. */
    synchronized void store() {
        for (SessionKey key : changedSessions) {
            SessionOutcome outcome = sessions.get(key);
            put(key.stored(), outcome == null ? null : encoded(outcome));
        }
        for (TransactionId id : changedTransactions) {
            PreparedTransaction waiting = prepared.get(id);
            put(name(PREPARED, id.origin(), id.sequence()), waiting == null ? null : encoded(waiting));
            CommittedTransaction committed = unfinished.get(id);
            put(name(UNFINISHED, id.origin(), id.sequence()), committed == null ? null : committed.encode());
            stored.remove(name(PREPARED_UNTIMED, id.origin(), id.sequence()));
            stored.remove(name(UNFINISHED_UNTIMED, id.origin(), id.sequence()));
        }
        if (forgottenChanged) {
            forgotten.forEach((origin, session) -> put(name(FORGOTTEN, origin, session), new byte[0]));
        }
        changedSessions.clear();
        changedTransactions.clear();
        forgottenChanged = false;
    }

    private void put(String key, byte @Nullable [] value) {
        if (value == null) {
            stored.remove(key);
        } else {
            stored.put(key, value);
        }
    }

    private static byte[] encoded(SessionOutcome outcome) {
        WireWriter out = new WireWriter();
        out.writeVLong(outcome.committed).writeZLong(outcome.count);
        return out.writeVLong(outcome.aborted).writeVLong(outcome.index).toByteArray();
    }

    private static byte[] encoded(PreparedTransaction waiting) {
        byte[] payload = waiting.encode();
        return new WireWriter()
                .writeLong(waiting.timestamp().value())
                .writeRaw(payload, 0, payload.length)
                .toByteArray();
    }

    private void load() {
        Map<SessionKey, SessionOutcome> found = new HashMap<>();
        stored.forEach((name, value) -> {
            int dash = name.indexOf('-');
            long origin = Long.parseUnsignedLong(name, 1, dash, 16);
            long number = Long.parseLong(name, dash + 1, name.length(), 10);
            WireReader in = new WireReader(value);
            switch (name.charAt(0)) {
                case SESSION ->
                    found.put(
                            new SessionKey(origin, number),
                            new SessionOutcome(in.readVLong(), in.readZLong(), in.readVLong(), in.readVLong()));
                case PREPARED -> {
                    TransactionId id = new TransactionId(origin, number);
                    Timestamp timestamp = new Timestamp(in.readLong());
                    byte[] payload = Arrays.copyOfRange(value, Long.BYTES, value.length);
                    prepared.put(id, PreparedTransaction.decode(id, payload).at(timestamp));
                }
                case PREPARED_UNTIMED -> {
                    TransactionId id = new TransactionId(origin, number);
                    prepared.put(id, PreparedTransaction.decode(id, value));
                }
                case UNFINISHED -> unfinished.put(new TransactionId(origin, number), CommittedTransaction.decode(in));
                case UNFINISHED_UNTIMED ->
                    unfinished.put(
                            new TransactionId(origin, number),
                            new CommittedTransaction(PreparedTransaction.readParticipants(in), Timestamp.ZERO));
                case FORGOTTEN -> forgotten.merge(origin, number, Math::max);
                default -> throw new StorageFailedException("the map " + MAP + " has an unknown key " + name);
            }
        });
        found.entrySet().stream()
                .sorted(Comparator.comparingLong(entry -> entry.getValue().index))
                .forEach(entry -> sessions.put(entry.getKey(), entry.getValue()));
    }
}
