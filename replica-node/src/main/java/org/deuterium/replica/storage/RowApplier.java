package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.values.UntypedEnums;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.result.DefaultRow;
import org.h2.result.Row;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.Table;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Writes write sets into H2's tables below SQL: no foreign key, check or trigger runs, since what they did on the
 * leader is in the write set. The old index entries of all changed rows of a table go before the new ones come, so
 * rows may swap unique values. Each row is compared with the image the leader had before; a difference means that the
 * replicas have parted, and stops this one.
 */
final class RowApplier {

    private final SessionLocal session;

    RowApplier(SessionLocal session) {
        this.session = session;
    }

    /** One row's old and new state in this replica. */
    private record Pending(@Nullable Row before, @Nullable Row after) {}

    /**
     * Applies the write sets in order and commits them as one H2 transaction; with the gate entered. Returns for each
     * entry how many rows its statement said it changed.
     */
    long[] apply(List<RowsEntry> entries) {
        long[] counts = new long[entries.size()];
        inSession(() -> {
            for (int i = 0; i < counts.length; i++) {
                RowsEntry entry = entries.get(i);
                counts[i] = applyOne(entry.writeSet(), "entry " + entry.index());
            }
            session.endStatement();
            session.commit(false);
        });
        return counts;
    }

    /** Applies a write set and leaves the H2 transaction open, so that its rows stay locked; with the gate entered. */
    void applyAndHold(PreparedTransaction transaction) {
        inSession(() -> {
            if (transaction.writeSet().length > 0) {
                applyOne(transaction.writeSet(), "prepared transaction " + transaction.transaction());
            }
            session.endStatement();
        });
    }

    private void inSession(Runnable work) {
        session.lock();
        try {
            Session before = session.setThreadLocalSession();
            try {
                session.startStatementWithinTransaction(null);
                work.run();
            } finally {
                session.resetThreadLocalSession(before);
            }
        } finally {
            session.unlock();
        }
    }

    private long applyOne(byte[] writeSet, String what) {
        try {
            WireReader in = new WireReader(writeSet);
            WriteSetFormat.checkVersion(in);
            for (int tables = in.readCount(); tables > 0; tables--) {
                applyTable(in);
            }
            long count = WriteSetFormat.readCount(in);
            if (in.remaining() != 0) {
                throw new MalformedMessageException(in.remaining() + " bytes too many after a write set");
            }
            return count;
        } catch (RuntimeException e) {
            session.rollback();
            throw new StorageFailedException(
                    what + " cannot be applied: " + e.getMessage() + "; the replica is to be rebuilt from another one",
                    e);
        }
    }

    private void applyTable(WireReader in) {
        MVTable table = table(in.readString(), in.readString());
        int columns = in.readVInt();
        if (columns != table.getColumns().length) {
            throw new StorageFailedException("table " + table.getTraceSQL() + " has " + table.getColumns().length
                    + " columns here, " + columns + " on the leader");
        }
        int count = in.readCount();
        List<Pending> changes = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            changes.add(readChange(in, table, columns));
        }
        List<Index> indexes = table.getIndexes();
        for (Pending change : changes) {
            removeOld(change, indexes);
        }
        for (Pending change : changes) {
            addNew(change, indexes);
        }
        session.registerTableAsUpdated(table);
    }

    private MVTable table(String schemaName, String name) {
        Schema schema = session.getDatabase().findSchema(schemaName);
        Table table = schema == null ? null : schema.findTableOrView(session, name);
        if (table instanceof MVTable) {
            return (MVTable) table;
        }
        throw new StorageFailedException("there is no table " + schemaName + "." + name + " here");
    }

    private Pending readChange(WireReader in, MVTable table, int columns) {
        int kind = in.readByte();
        long key = in.readZLong();
        Value[] values = WriteSetFormat.readRow(in, columns);
        switch (kind) {
            case WriteSetFormat.INSERT:
                return new Pending(null, row(table, key, values));
            case WriteSetFormat.DELETE:
                Row deleted = table.getRow(session, key);
                for (int i = 0; i < columns; i++) {
                    compare(table, deleted, i, values[i]);
                }
                return new Pending(deleted, null);
            case WriteSetFormat.UPDATE:
                Row before = table.getRow(session, key);
                compareChanged(in, table, before, columns);
                return new Pending(before, row(table, key, values));
            default:
                throw new MalformedMessageException("unknown kind of row change " + kind);
        }
    }

    private static void compareChanged(WireReader in, MVTable table, Row before, int columns) {
        WireReader bits = new WireReader(in.array(), in.position(), (columns + 7) / 8);
        in.skip((columns + 7) / 8);
        int changed = 0;
        for (int i = 0; i < columns; i++) {
            changed = i % Byte.SIZE == 0 ? bits.readByte() : changed >> 1;
            if ((changed & 1) != 0) {
                compare(table, before, i, ValueCodec.read(in));
            }
        }
    }

    private static void compare(MVTable table, Row row, int column, Value leaders) {
        Value own = row.getValue(column);
        if (!WriteSetFormat.isSame(own, leaders) && !sameBesideLabels(own, leaders)) {
            throw new StorageFailedException("row " + row.getKey() + " of " + table.getTraceSQL()
                    + " is not what it was" + " on the leader, in column "
                    + table.getColumn(column).getName());
        }
    }

    /** H2 keeps an ENUM as its number; the labels of a column's own type may have been renamed meanwhile. */
    private static boolean sameBesideLabels(Value own, Value leaders) {
        return WriteSetFormat.isSame(UntypedEnums.asNumbers(own), UntypedEnums.asNumbers(leaders));
    }

    private Row row(MVTable table, long key, Value[] values) {
        for (int i = 0; i < values.length; i++) {
            Column column = table.getColumn(i);
            switch (column.getType().getValueType()) {
                // Their values need what only the column's type knows: labels, the type of the elements.
                case Value.ENUM, Value.ARRAY, Value.ROW ->
                    values[i] = UntypedEnums.typed(values[i], column.getType(), session);
                default -> {}
            }
        }
        Row row = table.createRow(values, DefaultRow.MEMORY_CALCULATE);
        row.setKey(key);
        return row;
    }

    /** Whether both states of a row have the same entry in an index. */
    private static boolean isSameEntry(Index index, Row before, Row after) {
        if (index instanceof MVPrimaryIndex || index instanceof MVDelegateIndex) {
            return before.getKey() == after.getKey();
        }
        for (Column column : index.getColumns()) {
            int place = column.getColumnId();
            if (!WriteSetFormat.isSame(before.getValue(place), after.getValue(place))) {
                return false;
            }
        }
        return true;
    }

    private void removeOld(Pending change, List<Index> indexes) {
        Row before = change.before;
        if (before == null) {
            return;
        }
        Row after = change.after;
        for (int i = indexes.size() - 1; i >= 0; i--) {
            Index index = indexes.get(i);
            if (after == null || !isSameEntry(index, before, after)) {
                index.remove(session, before);
            } else if (index instanceof MVPrimaryIndex) {
                index.update(session, before, after);
            }
        }
    }

    private void addNew(Pending change, List<Index> indexes) {
        Row after = change.after;
        if (after == null) {
            return;
        }
        Row before = change.before;
        for (Index index : indexes) {
            if (before == null || !isSameEntry(index, before, after)) {
                index.add(session, after);
            }
        }
    }
}
