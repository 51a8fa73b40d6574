package org.deuterium.replica.storage;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.StringDataType;

/**
 * Which entry of the log H2 shows. Moved in memory with every commit; written into a map of H2's file only under the
 * closed gate, directly before a store. What is found at open is therefore exactly the state of the index found.
 */
final class AppliedPosition {

    private static final String MAP = "deuterium.position";

    private final MVMap<String, String> stored;
    private volatile SnapshotPosition applied;

    AppliedPosition(MVStore store) {
        stored = store.openMap(
                MAP,
                new MVMap.Builder<String, String>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(StringDataType.INSTANCE));
        applied = new SnapshotPosition(
                new LogIndex(storedNumber("index")), new Term(storedNumber("term")), storedNumber("schema"));
    }

    private long storedNumber(String key) {
        String text = stored.get(key);
        return text == null ? 0 : Long.parseLong(text);
    }

    SnapshotPosition applied() {
        return applied;
    }

    /** Moves on to the next entry; the appliers of a partition run one at a time. */
    void advance(LogIndex index, Term term) {
        advance(index, term, applied.schemaVersion());
    }

    void advance(LogIndex index, Term term, long schemaVersion) {
        check(index);
        applied = new SnapshotPosition(index, term, schemaVersion);
    }

    /** Every entry is applied once, in order: anything else means that log and database do not belong together. */
    void check(LogIndex index) {
        LogIndex expected = applied.index().next();
        if (!index.equals(expected)) {
            throw new StorageFailedException("entry " + index + " cannot be applied where " + expected
                    + " is the next; the replica is to be rebuilt from another one");
        }
    }

    /** Only with the gate closed. */
    void store() {
        SnapshotPosition position = applied;
        stored.put("index", Long.toString(position.index().position()));
        stored.put("term", Long.toString(position.term().number()));
        stored.put("schema", Long.toString(position.schemaVersion()));
    }
}
