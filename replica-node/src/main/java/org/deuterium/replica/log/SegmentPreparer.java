package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes the file of the next segment full of zeros ahead of need. Zeros that were really written (not only allocated)
 * are what lets fdatasync leave the file system's journal alone.
 */
final class SegmentPreparer implements AutoCloseable {

    private static final String PREPARED = "prepared.segment";
    private static final int CLOSE_SECONDS = 10;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path file;
    private final long segmentBytes;
    private final ExecutorService writer;
    private @Nullable Future<Path> next;

    SegmentPreparer(Path directory, long segmentBytes) {
        this(directory, segmentBytes, Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "deuterium-log-preparer");
            thread.setDaemon(true);
            return thread;
        }));
    }

    /** @param writer is closed with this */
    SegmentPreparer(Path directory, long segmentBytes, ExecutorService writer) {
        this.file = directory.resolve(PREPARED);
        this.segmentBytes = segmentBytes;
        this.writer = writer;
    }

    /** Begins to prepare the next file, unless it is under way. */
    void prepare() {
        if (next == null) {
            next = writer.submit(this::write);
        }
    }

    /**
     * The prepared file; waits for it if it is not ready. If it could not be written, perhaps long ago on a disk that was full
     * for a moment, it is tried once more.
     */
    Path take() throws IOException {
        prepare();
        Future<Path> ready = next == null ? CompletableFuture.completedFuture(file) : next;
        next = null;
        try {
            return ready.get();
        } catch (ExecutionException e) {
            return writeAgain(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the log file " + file + " was prepared", e);
        }
    }

    private Path writeAgain(ExecutionException earlier) throws IOException {
        try {
            return write();
        } catch (IOException e) {
            e.addSuppressed(earlier);
            throw new IOException("cannot prepare the log file " + file + ": " + e, e);
        }
    }

    private Path write() throws IOException {
        Files.deleteIfExists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, segmentBytes));
            for (long at = 0; at < segmentBytes; at += zeros.capacity()) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), segmentBytes - at));
                LogSegment.writeFully(channel, zeros, at);
            }
            channel.force(true);
        } catch (IOException e) {
            giveBack(e);
            throw e;
        }
        return file;
    }

    /** What was written before the disk was full is of use to nobody until the next try, which may be days away. */
    private void giveBack(IOException reason) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    @Override
    public void close() {
        writer.shutdown();
        try {
            if (!writer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                writer.shutdownNow();
            }
        } catch (InterruptedException e) {
            writer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
