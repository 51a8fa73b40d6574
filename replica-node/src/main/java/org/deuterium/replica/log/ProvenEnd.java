package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the log surely was on the disk, written beside it when nothing more is written for a second, and at a stop in
 * good order. The newest batch has no other after it that would prove that it was once whole: without this, a byte of it
 * that changes on the disk would pass for the torn tail of a crash, and a write that was acknowledged would be cut off
 * without a word. (The identifiers of Alagappan et al., Protocol-Aware Recovery, FAST 2018, kept apart from what they
 * identify; not with each batch, as that would cost every commit.)
 *
 * <p>Two places take turns, so that one torn in a crash leaves the other. A file that is gone or cannot be read proves
 * nothing, and nothing else comes of it.
 */
final class ProvenEnd implements AutoCloseable {

    static final String FILE = "proven.end";

    private static final Logger LOG = LoggerFactory.getLogger(ProvenEnd.class);
    private static final long MAGIC = 0x4465_7574_456e_6431L;
    private static final int PLACE_BYTES = 4096;
    private static final int MARK_BYTES = 20;
    private static final int QUIET_MILLIS = 1_000;

    private final Path file;
    private final FileChannel channel;
    private long sequence;
    private int place;
    private long seen;
    private long seenAtMillis;
    private boolean failed;

    private ProvenEnd(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /** Reads what is proven of the log in this directory, or begins with nothing. */
    static ProvenEnd open(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        ProvenEnd end = new ProvenEnd(file, channel);
        if (channel.size() < 2 * PLACE_BYTES) {
            LogSegment.writeFully(channel, ByteBuffer.allocate(2 * PLACE_BYTES), 0);
            channel.force(true);
            LogSegment.forceDirectory(directory);
        }
        for (int i = 0; i < 2; i++) {
            long found = end.read(i);
            if (found > end.sequence) {
                end.sequence = found;
                end.place = 1 - i;
            }
        }
        return end;
    }

    private long read(int from) throws IOException {
        ByteBuffer mark = ByteBuffer.allocate(MARK_BYTES);
        while (mark.hasRemaining() && channel.read(mark, (long) from * PLACE_BYTES + mark.position()) > 0) {}
        mark.flip();
        return mark.limit() == MARK_BYTES && mark.getLong(0) == MAGIC && mark.getInt(16) == checksum(mark)
                ? mark.getLong(8)
                : 0;
    }

    private static int checksum(ByteBuffer mark) {
        CRC32C crc = new CRC32C();
        crc.update(mark.array(), 0, MARK_BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }

    /** Every batch before this sequence was fsynced. */
    long sequence() {
        return sequence;
    }

    /** Proves what was fsynced, once that has not changed for a second. */
    void tick(long nextSequence, long nowMillis) {
        if (nextSequence != seen) {
            seen = nextSequence;
            seenAtMillis = nowMillis;
        } else if (nextSequence > sequence && nowMillis - seenAtMillis >= QUIET_MILLIS) {
            prove(nextSequence);
        }
    }

    /** Every batch before this sequence was fsynced. A disk that does not take the mark fails at the log's next batch. */
    void prove(long nextSequence) {
        if (failed || nextSequence <= sequence) {
            return;
        }
        ByteBuffer mark = ByteBuffer.allocate(MARK_BYTES);
        mark.putLong(MAGIC).putLong(nextSequence);
        mark.putInt(checksum(mark)).flip();
        try {
            LogSegment.writeFully(channel, mark, (long) place * PLACE_BYTES);
            channel.force(false);
            sequence = nextSequence;
            place = 1 - place;
        } catch (IOException e) {
            failed = true;
            LOG.warn("{} cannot be written: damage to the newest batch of the log would not be found", file, e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
