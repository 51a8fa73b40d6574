package org.deuterium.simulation.invariant;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.simulation.world.Content;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;

/**
 * Whatever any replica ever applied at an index, every other one applies there too. Under ASYNC a leader may have been
 * alone with it, and a later term goes on without; but whoever applies an entry applied the same one before it.
 */
public final class SamePrefixApplied {

    private static final LogEntry UNKNOWN = new LogEntry(
            Term.NONE, LogIndex.NONE, Timestamp.ZERO, TransactionId.NONE, EntryKind.TERM_START, new byte[0]);

    private final List<LogEntry> applied = new ArrayList<>();
    private final Map<LogEntry, LogEntry> predecessors = new HashMap<>();
    private boolean mayTakeBack;

    /** From now on a leader may be alone with what it applied. */
    void mayTakeBack() {
        mayTakeBack = true;
    }

    /** How many entries the one that is furthest has applied. */
    public long count() {
        return applied.size();
    }

    public @Nullable LogEntry last() {
        return applied.isEmpty() ? null : applied.get(applied.size() - 1);
    }

    /** True if this very entry is part of what counts. */
    boolean holds(LogEntry entry) {
        long index = entry.index().position();
        return index <= applied.size() && applied.get((int) index - 1).equals(entry);
    }

    void check(NodeId at, Content after, LogEntry entry) {
        if (mayTakeBack) {
            checkPredecessor(at, after, entry);
            return;
        }
        int place = (int) entry.index().position() - 1;
        if (place > applied.size()) {
            throw new InvariantBroken(getClass(), at + " applies " + entry + " but nobody applied the one before it");
        }
        if (place == applied.size()) {
            applied.add(entry);
            return;
        }
        LogEntry known = applied.get(place);
        if (known != entry && (!known.equals(entry) || !known.transaction().equals(entry.transaction()))) {
            throw new InvariantBroken(
                    getClass(),
                    at + " applies " + entry + " of " + entry.transaction() + " where another applied " + known + " of "
                            + known.transaction());
        }
    }

    /** Whoever applies this entry applied the same one before it; and so, step by step, the same prefix. */
    private void checkPredecessor(NodeId at, Content after, LogEntry entry) {
        Content before = after.before();
        LogEntry last = before == null ? null : before.last();
        if (last != null) {
            LogEntry known = predecessors.putIfAbsent(entry, last);
            if (known != null && !known.equals(last)) {
                throw new InvariantBroken(
                        getClass(), at + " applies " + entry + " after " + last + ", another did after " + known);
            }
        }
        LogEntry latest = last();
        boolean goesOn = latest == null
                || latest.term().isBefore(entry.term())
                || (latest.term().equals(entry.term()) && entry.index().isAfter(latest.index()));
        if (goesOn) {
            become(after);
        }
    }

    /** What the replica of the latest term shows is what counts. */
    private void become(Content content) {
        int size = (int) content.size();
        if (applied.size() > size) {
            applied.subList(size, applied.size()).clear();
        }
        while (applied.size() < size) {
            applied.add(UNKNOWN);
        }
        Content at = content;
        for (int place = size - 1; at != null && at.last() != null && !at.last().equals(applied.get(place)); place--) {
            applied.set(place, at.last());
            at = at.before();
        }
    }
}
