package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a damaged database that was kept aside is deleted. */
class KeptAsideTest {

    private static final PartitionId P = new PartitionId(3);

    @TempDir
    Path root;

    private ReplicaDirectories directories;
    private KeptAside kept;

    @BeforeEach
    void keepOne() throws Exception {
        directories = new ReplicaDirectories(root);
        Files.createDirectory(directories.of(P));
        directories.setAside(P);
        kept = new KeptAside(directories, Runnable::run);
    }

    private boolean look(long last, long applied) throws Exception {
        kept.look(P, new LogIndex(last), new LogIndex(applied));
        return directories.hasSetAside(P);
    }

    /** No leader has told what is committed: the empty database lacks nothing of that. */
    @Test
    void itStaysUntilTheLogThatWasThereIsShown() throws Exception {
        assertTrue(look(100, 0));
        assertTrue(look(100, 0));
        assertTrue(look(120, 99));
        assertFalse(look(140, 100), "whatever came since");
    }

    @Test
    void whatALeaderDiscardedNeedNotBeShown() throws Exception {
        assertTrue(look(100, 80));
        assertFalse(look(90, 90));
    }

    @Test
    void whatIsSetAsideLaterIsLookedAtAnew() throws Exception {
        assertFalse(look(10, 10));
        Files.createDirectory(directories.of(P));
        directories.setAside(P);
        kept.added(P);
        assertTrue(look(200, 10));
        assertFalse(look(200, 200));
    }
}
