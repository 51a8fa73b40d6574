package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Why a database failed, in words. */
class FailedEntryTest {

    /** As H2 tells of a full disk: to who looks at SHOW REPLICAS the last of these is the one that matters. */
    @Test
    void theCauseBehindItIsTold() {
        Exception full = new IOException("No space left on device");
        Exception store = new IllegalStateException("Writing to p11/replica.mv.db failed", full);
        Exception closed = new IllegalStateException("The database has been closed", store);
        assertEquals(
                "The database has been closed: Writing to p11/replica.mv.db failed: No space left on device",
                FailedEntry.reason(new RuntimeException("The database has been closed", closed)));
        assertEquals("null", FailedEntry.reason(new RuntimeException()));
    }
}
