package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.deuterium.replica.storage.WriteSetCapture.TableChanges;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVTable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** However much is committed while snapshots are open, no change of a row is overlooked, and memory stays bounded. */
class RecentCommitsTest {

    private static final int LIMIT = 8;

    private final RecentCommits recent = new RecentCommits(LIMIT);
    private Connection connection;
    private Statement statement;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:h2:mem:");
        statement = connection.createStatement();
        statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        statement.execute("INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 100)");
        connection.setAutoCommit(false);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private Map<MVTable, TableChanges> changes(int from, int to) throws SQLException {
        statement.execute("UPDATE T SET V = V + 1 WHERE ID BETWEEN " + from + " AND " + to);
        Map<MVTable, TableChanges> changes =
                WriteSetCapture.changes((SessionLocal) ((JdbcConnection) connection).getSession());
        connection.rollback();
        return changes;
    }

    private void commit(int from, int to) throws SQLException {
        recent.committing(changes(from, to));
    }

    @Test
    void aRowChangedTwiceCountsOnceAndAtItsLastChange() throws SQLException {
        long first = recent.snapshotTaken();
        for (int i = 0; i < 10 * LIMIT; i++) {
            commit(1, 1);
        }
        long second = recent.snapshotTaken();
        assertNotNull(recent.conflict(first, changes(1, 1)));
        assertNull(recent.conflict(first, changes(2, 2)));
        assertNull(recent.conflict(second, changes(1, 1)));
        commit(1, 1);
        assertNotNull(recent.conflict(second, changes(1, 1)));
    }

    /** One long reader must not make it deaf. */
    @Test
    void whenItIsFullNewSnapshotsAreStillLookedAfter() throws SQLException {
        recent.snapshotTaken();
        commit(1, 2 * LIMIT);
        long later = recent.snapshotTaken();
        commit(1, 1);
        commit(90, 90);
        assertNotNull(recent.conflict(later, changes(1, 1)));
        assertNotNull(recent.conflict(later, changes(90, 90)));
        assertNull(recent.conflict(later, changes(2, 2)));
    }

    @Test
    void whoseSnapshotIsOlderThanWhatIsRememberedIsRefused() throws SQLException {
        long old = recent.snapshotTaken();
        for (int id = 1; id <= 3 * LIMIT; id++) {
            commit(id, id);
        }
        assertNotNull(recent.conflict(old, changes(50, 50)), "nobody knows");
        assertNull(recent.conflict(old, Map.of()), "it has only read");
        long fresh = recent.snapshotTaken();
        assertNull(recent.conflict(fresh, changes(1, 50)));
    }

    @Test
    void halfOfWhatItHoldsIsAlwaysKnown() throws SQLException {
        recent.snapshotTaken();
        commit(1, 5 * LIMIT);
        long moment = recent.snapshotTaken();
        commit(1, LIMIT / 2);
        assertNotNull(recent.conflict(moment, changes(1, 1)));
        assertNull(recent.conflict(moment, changes(60, 60)));
    }

    @Test
    void whenNoSnapshotIsOpenNothingIsKept() throws SQLException {
        long old = recent.snapshotTaken();
        commit(1, 3 * LIMIT);
        recent.over();
        long fresh = recent.snapshotTaken();
        assertNull(recent.conflict(fresh, changes(1, 3 * LIMIT)));
        commit(7, 7);
        assertNotNull(recent.conflict(fresh, changes(7, 7)));
        assertNotNull(recent.conflict(old, changes(7, 7)));
    }
}
