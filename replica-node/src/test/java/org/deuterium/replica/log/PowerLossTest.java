package org.deuterium.replica.log;

import static org.deuterium.replica.log.LogFixture.P0;
import static org.deuterium.replica.log.LogFixture.entry;
import static org.deuterium.replica.log.LogFixture.storage;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process dies, is started again and says what it read; then the power goes. What was said must be there. */
class PowerLossTest {

    @TempDir
    Path directory;

    private final PowerLoss power = new PowerLoss();

    private ReplicationLog open() throws IOException {
        return ReplicationLog.open(directory, LogFixture.SMALL, cause -> {}, power);
    }

    /** Its last batch, which the page cache shows to the next process, is on no disk. */
    private void lifeThatEndsAtAFailedFsync() throws IOException {
        try (ReplicationLog log = open()) {
            log.createReplica(P0, storage(0));
            log.append(P0, entry(1, 1, 100));
            log.sync();
            log.append(P0, entry(1, 2, 100));
            log.promise(P0, new Term(4));
            power.nextFsyncFails();
            assertThrows(IllegalStateException.class, log::sync);
        }
    }

    @Test
    void whatWasNeverFsyncedIsGone() throws Exception {
        lifeThatEndsAtAFailedFsync();
        power.strike();
        try (ReplicationLog log = open()) {
            assertEquals(new LogIndex(1), log.partition(P0).lastIndex());
            assertEquals(Term.NONE, log.partition(P0).promised());
        }
    }

    @Test
    void whatWasReadAtTheStartIsDurableFromThenOn() throws Exception {
        lifeThatEndsAtAFailedFsync();
        LogIndex last;
        Term promised;
        try (ReplicationLog log = open()) {
            last = log.partition(P0).lastIndex();
            promised = log.partition(P0).promised();
        }
        assertEquals(new LogIndex(2), last, "the page cache still shows it");
        power.strike();
        try (ReplicationLog log = open()) {
            assertEquals(last, log.partition(P0).lastIndex());
            assertEquals(promised, log.partition(P0).promised());
        }
    }

    /** No node says anything on the strength of what it cannot make durable. */
    @Test
    void aLogThatCannotBeMadeDurableIsNotOpened() throws Exception {
        lifeThatEndsAtAFailedFsync();
        power.nextFsyncFails();
        assertThrows(IOException.class, this::open);
    }
}
