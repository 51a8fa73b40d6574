package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.deuterium.wire.WireWriter;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.mvstore.db.MVTable;
import org.h2.result.Row;
import org.h2.schema.Schema;
import org.h2.table.Table;

/** Reads all tables row by row, in the order of their row keys, into one digest each. */
final class TableDigests {

    private static final long FNV_BASIS = 0xcbf2_9ce4_8422_2325L;
    private static final long FNV_PRIME = 0x100_0000_01b3L;

    private TableDigests() {}

    static List<TableDigest> of(SessionLocal session) {
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
        digests.sort(Comparator.comparing(TableDigest::table));
        return digests;
    }

    private static TableDigest digest(MVTable table, SessionLocal session) {
        int columns = table.getColumns().length;
        WireWriter buffer = new WireWriter();
        long hash = FNV_BASIS;
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
