package org.deuterium.replica.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.deuterium.replica.host.DiskReserve.NoRoomException;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.replication.SnapshotOffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The share of a disk that snapshots leave to the log. */
class DiskReserveTest {

    private static final int MEGABYTE = 1 << 20;

    @TempDir
    Path directory;

    private long free = 60 * MEGABYTE;
    private final DiskReserve reserve = new DiskReserve(50 * MEGABYTE, path -> free);

    @Test
    void aShortTailLeavesTheLogItsNextFileAndALongOneAllOfItsShare() throws Exception {
        DiskReserve ofFour = new DiskReserve(40 * MEGABYTE, path -> free);
        free = 13 * MEGABYTE;
        ofFour.requireForTail(directory, 3 * MEGABYTE, 8 * MEGABYTE);
        free--;
        assertThrows(NoRoomException.class, () -> ofFour.requireForTail(directory, 3 * MEGABYTE, 8 * MEGABYTE));
        free = 40 * MEGABYTE;
        ofFour.requireForTail(directory, 3 * MEGABYTE, 8 * MEGABYTE + 1);
        free--;
        assertThrows(NoRoomException.class, () -> ofFour.requireForTail(directory, 3 * MEGABYTE, 8 * MEGABYTE + 1));
    }

    /** What has come is kept, and it goes on from there when there is room. */
    @Test
    void aSnapshotThatArrivesLeavesTheLogItsShare() throws Exception {
        SnapshotFile file = new SnapshotFile(directory.resolve("p0.in"), reserve);
        byte[] piece = new byte[4 * MEGABYTE];
        file.write(0, piece);
        file.write(piece.length, piece);
        free = 49 * MEGABYTE;
        NoRoomException refused = assertThrows(NoRoomException.class, () -> file.write(2 * piece.length, piece));
        assertTrue(refused.getMessage().contains("only 49 MB are free"), refused.getMessage());
        assertEquals(2 * piece.length, file.bytes());
        free = 60 * MEGABYTE;
        file.write(2 * piece.length, piece);
        assertEquals(3 * piece.length, file.bytes());
    }

    /** Else a disk that is full to the last byte is told as a file that cannot be written, again and again. */
    @Test
    void aSnapshotIsNotBegunWithoutRoom() {
        SnapshotFile file = new SnapshotFile(directory.resolve("p0.in"), reserve);
        free = 0;
        SnapshotOffer offer = new SnapshotOffer(
                new PartitionId(0), new Term(1), 1, new LogIndex(5), new Term(1), Timestamp.ofMillis(1), 10, 0);
        assertThrows(NoRoomException.class, () -> file.expect(offer));
    }

    @Test
    void aSnapshotThatIsWrittenLeavesTheLogItsShare() throws Exception {
        SnapshotFile file = new SnapshotFile(directory.resolve("p0.out"), reserve);
        byte[] piece = new byte[5 * MEGABYTE];
        try (SnapshotFile.Filling filling = file.fill(new Pace(1L << 40))) {
            filling.write(piece, 0, piece.length);
            free = 49 * MEGABYTE;
            assertThrows(NoRoomException.class, () -> filling.write(piece, 0, piece.length));
        }
        file.delete();
        assertThrows(NoRoomException.class, () -> file.fill(new Pace(1L << 40)));
    }

    @Test
    void aSnapshotThatIsUnpackedLeavesTheLogItsShare() throws Exception {
        byte[] piece = new byte[5 * MEGABYTE];
        InputStream guarded = reserve.guard(new ByteArrayInputStream(new byte[20 * MEGABYTE]), directory);
        assertEquals(piece.length, guarded.read(piece, 0, piece.length));
        free = 49 * MEGABYTE;
        assertThrows(NoRoomException.class, () -> guarded.read(piece, 0, piece.length));
        NoRoomException atOnce =
                assertThrows(NoRoomException.class, () -> reserve.guard(InputStream.nullInputStream(), directory));
        assertNotNull(DiskReserve.in(new UncheckedIOException(atOnce)));
        assertNull(DiskReserve.in(new IOException("something else")));
    }
}
