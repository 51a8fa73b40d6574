package org.deuterium.replica.storage;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.replica.storage.StatementsFormat.Decoded;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.h2.command.Command;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.mvstore.db.MVTable;

/**
 * Runs the statements of an entry in H2, then compares the rows they changed with the leader's checksum: a difference
 * means that the replicas have parted, and stops this one.
 */
final class StatementApplier {

    private static final int MAX_COMMANDS = 256;

    private final SessionLocal session;
    private final Map<String, Command> commands = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Command> eldest) {
            return size() > MAX_COMMANDS;
        }
    };
    private long schemaVersion;

    StatementApplier(SessionLocal session) {
        this.session = session;
    }

    /** Applies an entry and commits it in H2, with the gate entered; the count its client was told. */
    long apply(StatementsEntry entry, long currentSchemaVersion) {
        if (schemaVersion != currentSchemaVersion) {
            commands.clear();
            schemaVersion = currentSchemaVersion;
        }
        try {
            Decoded decoded = StatementsFormat.read(entry.statements());
            for (LoggedStatement statement : decoded.statements()) {
                run(statement);
            }
            onSession(() -> {
                compare(decoded, WriteSetCapture.changes(session));
                session.commit(false);
            });
            return decoded.count();
        } catch (RuntimeException e) {
            onSession(session::rollback);
            throw new StorageFailedException(
                    "entry " + entry.index() + " cannot be applied: " + e.getMessage()
                            + "; the replica is to be rebuilt from another one",
                    e);
        }
    }

    private void run(LoggedStatement statement) {
        Command command = commands.get(statement.sql());
        if (command == null) {
            command = session.prepareLocal(statement.sql());
            commands.put(statement.sql(), command);
        }
        List<? extends ParameterInterface> wanted = command.getParameters();
        for (int i = 0; i < wanted.size(); i++) {
            wanted.get(i).setValue(statement.parameters().get(i), false);
        }
        command.executeUpdate(Boolean.FALSE);
    }

    private static void compare(Decoded leaders, Map<MVTable, TableChanges> changes) {
        WriteSetChecksum own = new WriteSetChecksum();
        WriteSetFormat.addTo(own, changes);
        if (own.sum() != leaders.checksum() || own.rows() != leaders.rows()) {
            throw new StorageFailedException(
                    "its statements changed " + own.rows() + " rows here (checksum " + Long.toHexString(own.sum())
                            + ") and " + leaders.rows() + " on the leader (" + Long.toHexString(leaders.checksum())
                            + "): " + leaders.statements().get(0).sql());
        }
    }

    private void onSession(Runnable work) {
        session.lock();
        try {
            Session before = session.setThreadLocalSession();
            try {
                work.run();
            } finally {
                session.resetThreadLocalSession(before);
            }
        } finally {
            session.unlock();
        }
    }
}
