package org.deuterium.replica.storage;

import org.deuterium.wire.statement.Failure;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/** Looks ahead whether a schema change will fail, on its text and on the data, while the fence keeps both as they are. */
final class SchemaChangeCheck {

    private SchemaChangeCheck() {}

    static @Nullable Failure check(QuiescedDatabase database, String sql) {
        SessionLocal session = database.newClientSession();
        try {
            session.prepareLocal(sql);
            return null;
        } catch (DbException e) {
            return Failures.of(e);
        } finally {
            session.close();
        }
    }
}
