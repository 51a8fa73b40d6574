package org.deuterium.replica.storage;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.deuterium.wire.WireWriter;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.schema.Schema;
import org.h2.table.Column;
import org.h2.table.Table;

/**
 * Reads all tables row by row, in the order of their row keys, into one digest each, which holds the names and types of the
 * columns too; and the state of all sequences into one more.
 */
final class TableDigests {

    private static final long FNV_BASIS = 0xcbf2_9ce4_8422_2325L;
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    private TableDigests() {}

    /** Not the name of a table: it has no schema. */
    private static final String SEQUENCES = "(sequences)";

    /** @param sequences the state of each by its name, in order */
    static List<TableDigest> of(SessionLocal session, SortedMap<String, String> sequences) {
        List<TableDigest> digests = new ArrayList<>();
        session.lock();
        try {
            Session before = session.setThreadLocalSession();
            session.startStatementWithinTransaction(null);
            try {
                for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
                    for (Table table : schema.getAllTablesAndViews(session)) {
                        if (table instanceof MVTable && table.isPersistData() && !table.isTemporary()) {
                            digests.add(digest((MVTable) table, session));
                        }
                    }
                }
            } finally {
                session.endStatement();
                session.commit(false);
                session.resetThreadLocalSession(before);
            }
        } finally {
            session.unlock();
        }
        if (!sequences.isEmpty()) {
            long hash = FNV_BASIS;
            for (Map.Entry<String, String> sequence : sequences.entrySet()) {
                hash = with(hash, sequence.getKey() + ' ' + sequence.getValue());
            }
            digests.add(new TableDigest(SEQUENCES, 0, hash));
        }
        digests.sort(Comparator.comparing(TableDigest::table));
        return digests;
    }

    private static long with(long hash, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long changed = hash;
        for (byte each : bytes) {
            changed = (changed ^ (each & 0xff)) * FNV_PRIME;
        }
        return changed * FNV_PRIME; // the end of the text
    }

    private static TableDigest digest(MVTable table, SessionLocal session) {
        int columns = table.getColumns().length;
        WireWriter buffer = new WireWriter();
        long hash = FNV_BASIS;
        for (Column column : table.getColumns()) {
            hash = with(hash, column.getName() + ' ' + column.getType().getTraceSQL() + ' ' + column.isNullable());
        }
        long rows = 0;
        Index scan = table.getScanIndex(session);
        Cursor cursor = scan.find(session, null, null, false);
        while (cursor.next()) {
            Row row = cursor.get();
            buffer.clear();
            buffer.writeLong(row.getKey());
            WriteSetFormat.writeRow(row, columns, buffer);
            byte[] bytes = buffer.array();
            for (int i = 0, size = buffer.size(); i < size; i++) {
                hash = (hash ^ (bytes[i] & 0xff)) * FNV_PRIME;
            }
            rows++;
        }
        return new TableDigest(table.getSchema().getName() + "." + table.getName(), rows, hash);
    }
}
