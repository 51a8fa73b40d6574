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
 * alone with it, and a later term goes on without; but whoever applies an entry applied the same one before it, and
 * entries of later terms than those of ASYNC are never taken back.
 */
public final class SamePrefixApplied {

    private static final LogEntry UNKNOWN = new LogEntry(
            Term.NONE, LogIndex.NONE, Timestamp.ZERO, TransactionId.NONE, EntryKind.TERM_START, new byte[0]);

    private final List<LogEntry> applied = new ArrayList<>();
    private final Map<LogEntry, LogEntry> predecessors = new HashMap<>();

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

    /** @param asyncThrough up to this term a leader may have been alone with what it applied */
    void check(NodeId at, Content after, LogEntry entry, Term asyncThrough) {
        if (!asyncThrough.equals(Term.NONE)) {
            checkPredecessor(at, after, entry, asyncThrough);
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
    private void checkPredecessor(NodeId at, Content after, LogEntry entry, Term asyncThrough) {
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
            become(at, after, asyncThrough);
        } else if (asyncThrough.isBefore(entry.term())) {
            int place = (int) entry.index().position() - 1;
            if (place < applied.size() && !applied.get(place).equals(entry)) {
                mayBeTakenBack(at, applied.get(place), entry, asyncThrough);
            }
        }
    }

    private void mayBeTakenBack(NodeId at, LogEntry known, LogEntry entry, Term asyncThrough) {
        if (asyncThrough.isBefore(known.term())) {
            throw new InvariantBroken(
                    getClass(),
                    at + " applies " + entry + " and goes on without " + known
                            + ", which another applied; ASYNC was the " + "rule through " + asyncThrough);
        }
    }

    /** What the replica of the latest term shows is what counts. */
    private void become(NodeId replica, Content content, Term asyncThrough) {
        int size = (int) content.size();
        LogEntry last = content.last();
        if (applied.size() > size && last != null) {
            mayBeTakenBack(replica, applied.get(applied.size() - 1), last, asyncThrough);
            applied.subList(size, applied.size()).clear();
        }
        while (applied.size() < size) {
            applied.add(UNKNOWN);
        }
        Content at = content;
        for (int place = size - 1; at != null && at.last() != null && !at.last().equals(applied.get(place)); place--) {
            mayBeTakenBack(replica, applied.get(place), at.last(), asyncThrough);
            applied.set(place, at.last());
            at = at.before();
        }
    }
}
