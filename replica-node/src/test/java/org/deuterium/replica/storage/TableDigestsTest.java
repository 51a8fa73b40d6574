package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the comparison of replicas would notice without a single row: columns and sequences. */
class TableDigestsTest {

    private static final Term TERM = new Term(1);

    @TempDir
    Path directory;

    private int databases;

    /** The digests of a database with these schema changes, and one block of values taken from a sequence. */
    private List<TableDigest> digests(int values, String... changes) {
        try (H2Storage storage = H2Storage.open(directory.resolve("d" + ++databases), StorageSettings.DEFAULT)) {
            int version = 0;
            for (String sql : changes) {
                version++;
                assertNull(storage.applySchemaChange(new LogIndex(version), TERM, version, sql), sql);
            }
            if (values > 0) {
                storage.applySequenceReservation(new LogIndex(version + 1), TERM, "PUBLIC.S", values);
            }
            return storage.digests();
        }
    }

    @Test
    void theTypeOfAColumnIsPartOfATable() {
        String table = "CREATE TABLE T(ID INT PRIMARY KEY, V INT)";
        assertEquals(digests(0, table), digests(0, table));
        for (String change : new String[] {
            "ALTER TABLE T ALTER COLUMN V BIGINT",
            "ALTER TABLE T ALTER COLUMN V SET NOT NULL",
            "ALTER TABLE T ALTER COLUMN V RENAME TO W",
            "ALTER TABLE T ADD X INT"
        }) {
            assertNotEquals(digests(0, table), digests(0, table, change), change);
        }
    }

    @Test
    void whereASequenceStandsIsCompared() {
        String sequence = "CREATE SEQUENCE S";
        assertEquals(digests(1, sequence), digests(1, sequence));
        assertNotEquals(digests(0, sequence), digests(1, sequence));
        assertNotEquals(digests(1, sequence), digests(2, sequence));
        assertNotEquals(digests(0, sequence), digests(0, "CREATE SEQUENCE S INCREMENT BY 2"));
    }
}
