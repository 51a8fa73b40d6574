package org.deuterium.replica.storage;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.statement.Failure;
import org.h2.engine.Database;
import org.h2.jdbc.JdbcException;
import org.h2.message.DbException;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.StringDataType;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Sequences and identity columns. Their true state is kept beside H2's, in a map of the same file, and moves only at
 * entries of the log; H2's own objects are empty until a leader is granted a block of values, and empty again after
 * its last one. Object names that H2 makes up differ between replicas, so an identity column's sequence is known as
 * {@code SCHEMA.TABLE.COLUMN}.
 *
 * <p>H2's catalog holds each sequence as the last schema change left it. Between schema changes the objects are called
 * temporary, which makes H2 leave the catalog alone: a block's range has no business in it, and at the edge of the data
 * type it is one that H2 does not read again.
 */
final class SequenceBlocks {

    private static final String MAP = "deuterium.sequences";
    private static final int FIRST_BLOCK = 32;
    private static final int LARGEST_BLOCK = 10_000;

    /** One statement that needs more than this (an INSERT ... SELECT of millions of rows) is told so. */
    private static final int LARGEST_RETRY = 1 << 24;

    private final Database database;
    private final MVMap<String, String> definitions;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Map<String, Sequence> byName = Map.of();
    /** Of the users' sequences: a block of few values makes H2 shrink it. */
    private final Map<String, Long> cacheSizes = new HashMap<>();

    private final Map<String, Integer> lastGranted = new ConcurrentHashMap<>();

    SequenceBlocks(Database database, MVStore store) {
        this.database = database;
        this.definitions = store.openMap(
                MAP,
                new MVMap.Builder<String, String>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(StringDataType.INSTANCE));
        takeOver(find(database));
    }

    private void takeOver(Map<String, Sequence> found) {
        cacheSizes.clear();
        found.forEach((name, sequence) -> {
            cacheSizes.put(name, sequence.getCacheSize());
            sequence.setTemporary(true);
        });
        byName = found;
        forgetGranted();
    }

    private static Map<String, Sequence> find(Database database) {
        Map<String, Sequence> found = new HashMap<>();
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Sequence sequence : schema.getAllSequences()) {
                if (!sequence.getBelongsToTable()) {
                    found.put(schema.getName() + "." + sequence.getName(), sequence);
                }
            }
            for (Table table : schema.getAllTablesAndViews(null)) {
                for (Column column : table.getColumns()) {
                    Sequence sequence = column.getSequence();
                    if (sequence != null) {
                        found.put(schema.getName() + "." + table.getName() + "." + column.getName(), sequence);
                    }
                }
            }
        }
        return found;
    }

    /** The state of each by its name; the same wherever the same entries are applied. */
    SortedMap<String, String> states() {
        SortedMap<String, String> states = new TreeMap<>();
        for (String name : definitions.keySet()) {
            String state = definitions.get(name);
            if (state != null) {
                states.put(name, state);
            }
        }
        return states;
    }

    /**
     * Held from before a schema change until its version is applied, and while values are granted: a grant in between
     * would give a sequence values that the change takes for the user's own definition.
     */
    Lock lock() {
        return lock;
    }

    /** Every sequence of H2's is out of values. */
    void forgetGranted() {
        lock.lock();
        try {
            lastGranted.clear();
            for (Sequence sequence : byName.values()) {
                sequence.modify(null, null, null, null, null, Sequence.Cycle.EXHAUSTED, null);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Before a schema change: H2's objects are what the user made them. */
    void beforeSchemaChange() {
        byName.forEach((name, sequence) -> {
            String text = definitions.get(name);
            if (text != null) {
                SequenceDefinition.parse(text).restore(sequence, cacheSizes.get(name));
            }
            sequence.setTemporary(false);
        });
    }

    /** After a schema change: takes over what it made of them. */
    void afterSchemaChange() {
        Map<String, Sequence> now = find(database);
        for (String name : definitions.keySet().toArray(new String[0])) {
            if (!now.containsKey(name)) {
                definitions.remove(name);
            }
        }
        now.forEach((name, sequence) ->
                definitions.put(name, SequenceDefinition.of(sequence).format()));
        takeOver(now);
    }

    /** Moves the true state: at an entry of the home partition's log, alike on every replica. */
    Message reserve(String name, int wanted) {
        String text = definitions.get(name);
        if (text == null) {
            return new Failure(
                    ErrorCode.SQL_ERROR, "90036", 90036, "Sequence " + name + " not found; it was dropped", false);
        }
        SequenceDefinition definition = SequenceDefinition.parse(text);
        SequenceBlock block = definition.block(Math.max(1, wanted));
        if (block == null) {
            return Failures.of(DbException.get(org.h2.api.ErrorCode.SEQUENCE_EXHAUSTED, name));
        }
        definitions.put(name, definition.after(block).format());
        return block;
    }

    /** Under the lock: lets the leader's H2 draw exactly the values of a block. */
    void grant(String name, SequenceBlock block) {
        Sequence sequence = byName.get(name);
        if (sequence == null) {
            return;
        }
        long first = block.first();
        long increment = block.increment();
        long end = first + (block.count() - 1) * increment;
        if (block.count() == 1) {
            // H2 wants a range of more than one value. The one behind it is never reached.
            increment = first == Long.MIN_VALUE ? -1 : 1;
            end = first - increment;
        }
        sequence.modify(
                first, first, Math.min(first, end), Math.max(first, end), increment, Sequence.Cycle.NO_CYCLE, 1L);
        lastGranted.put(name, block.count());
    }

    /**
     * The sequence that an exception of H2 says is out of values, or null if it is not one of ours.
     *
     * @param drawn what the statement may draw from, as far as that is known
     */
    @Nullable
    String exhausted(DbException exception, @Nullable Set<Sequence> drawn) {
        // H2 tells the name without its schema, and not that of an identity column.
        String message = exception.getSQLException() instanceof JdbcException told
                ? String.valueOf(told.getOriginalMessage())
                : String.valueOf(exception.getMessage());
        String named = drawn == null ? null : exhausted(message, drawn::contains);
        return named == null ? exhausted(message, sequence -> true) : named;
    }

    private @Nullable String exhausted(String message, Predicate<Sequence> mayBe) {
        String named = null;
        for (Map.Entry<String, Sequence> entry : byName.entrySet()) {
            Sequence sequence = entry.getValue();
            if (mayBe.test(sequence) && message.contains("\"" + sequence.getName() + "\"")) {
                named = entry.getKey();
                if (sequence.getCycle() == Sequence.Cycle.EXHAUSTED) {
                    return named;
                }
            }
        }
        // Not out of values any more: another statement's block came between. It costs a block, not an error.
        return named;
    }

    /** How many values to reserve: more each time, and as many as it takes for a statement that keeps running out. */
    int wanted(String name, boolean again) {
        long last = lastGranted.getOrDefault(name, FIRST_BLOCK / 2);
        if (!again) {
            return (int) Math.min(last * 2, LARGEST_BLOCK);
        }
        return (int) Math.min(last * 4, LARGEST_RETRY);
    }
}
