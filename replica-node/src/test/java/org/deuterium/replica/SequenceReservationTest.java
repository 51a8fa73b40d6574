package org.deuterium.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.HostSettings;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.partition.SequenceBlock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who asks for values has applied a schema change; the home partition gives none of before it. */
class SequenceReservationTest {

    private static final PartitionId HOME = PartitionId.HOME;

    @TempDir
    Path directory;

    @Test
    void valuesAreOfTheSequenceAsWhoeverAsksKnowsIt() throws Exception {
        try (FakeCluster cluster = new FakeCluster(directory, HostSettings.DEFAULT)) {
            for (int i = 1; i <= 3; i++) {
                cluster.start(i);
            }
            cluster.createPartition(HOME);
            cluster.schema(HOME, "CREATE SEQUENCE S START WITH 100");
            long version = cluster.board.decidedVersion();
            assertEquals(
                    new SequenceBlock(100, 1, 10), cluster.ask(new ReserveSequence(HOME, version, "PUBLIC.S", 10)));

            // Another partition has applied the change that the home partition is still to hear of.
            CompletableFuture<Message> early = new CompletableFuture<>();
            cluster.askAgain(new ReserveSequence(HOME, version + 1, "PUBLIC.S", 10), early::complete, 500);
            cluster.ask(new ReserveSequence(HOME, version, "PUBLIC.S", 1));
            assertFalse(early.isDone(), "values of the sequence as it was");
            cluster.schema(HOME, "ALTER SEQUENCE S RESTART WITH 1");
            assertEquals(new SequenceBlock(1, 1, 10), early.get(60, TimeUnit.SECONDS));
        }
    }
}
