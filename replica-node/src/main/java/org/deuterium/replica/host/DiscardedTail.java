package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.deuterium.replica.host.DiskReserve.NoRoomException;
import org.deuterium.replica.log.DamagedEntryException;
import org.deuterium.replica.log.PartitionLog;
import org.deuterium.replica.log.TailFile;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the end of a replica's log, which is about to be discarded and must not vanish silently, into a {@link TailFile}.
 * All of a log may have to be copied, so the loop only reads slices of it, between its other work, and the background
 * writes them. Meanwhile the replica's core hears nothing, and nothing is cut from its log. Belongs to the node loop.
 */
final class DiscardedTail {

    private static final Logger LOG = LoggerFactory.getLogger(DiscardedTail.class);
    private static final int SLICE_BYTES = 512 << 10;
    private static final int BYTES_BESIDE_PAYLOAD = 64;
    private static final long SLICE_TIMEOUT_SECONDS = 60;
    private static final int LONGEST_PAUSE_SECONDS = 30;
    private static final int SECONDS_A_LINE = 30;

    private final HostServices services;
    private final PartitionId partition;
    private final DiskReserve reserve;
    private final List<Runnable> whenKept = new ArrayList<>(0);
    private boolean underWay;

    /** Background: how long the file is at least, as far as that was found. */
    private long fileBytes;

    DiscardedTail(HostServices services, PartitionId partition) {
        this(services, partition, DiskReserve.forLog(services.settings().log()));
    }

    /** @param reserve what is left to the log: without room for that the whole node would end */
    DiscardedTail(HostServices services, PartitionId partition, DiskReserve reserve) {
        this.services = services;
        this.partition = partition;
        this.reserve = reserve;
    }

    /** True while something is being copied. */
    boolean isUnderWay() {
        return underWay;
    }

    /** Runs this when nothing is being copied, on the loop. */
    void whenKept(Runnable action) {
        if (underWay) {
            whenKept.add(action);
        } else {
            action.run();
        }
    }

    /**
     * Copies the entries after this index, if there is one; {@code action} runs on the loop when the copy is durable. If there is no room
     * for it beside what is left to the log ({@link DiskReserve#requireForTail}), that is tried again until there is. One at a time.
     *
     * @param goneFor the term whose leader may not have them
     */
    void setAside(Term goneFor, @Nullable LogIndex after, Runnable action) {
        @Nullable PartitionLog log = services.log().partition(partition);
        if (log == null || after == null || !log.lastReadable().isAfter(after)) {
            action.run();
            return;
        }
        LogIndex first = after.next();
        LogIndex last = log.lastReadable();
        underWay = true;
        whenKept.add(action);
        services.background().execute(() -> {
            if (copyUntilItIsDone(goneFor, first, last)) {
                services.loop().submit(now -> kept());
            }
        });
    }

    private void kept() {
        underWay = false;
        services.replicaWaits(partition, null);
        List<Runnable> actions = List.copyOf(whenKept);
        whenKept.clear();
        actions.forEach(Runnable::run);
    }

    /**
     * Background: false if the node stops before it is done; the entries are in the log then. To look for room costs nothing
     * and is done every second; what was begun and came to nothing is begun again after longer and longer pauses.
     */
    private boolean copyUntilItIsDone(Term goneFor, LogIndex first, LogIndex last) {
        int seconds = 1;
        int sinceLine = SECONDS_A_LINE;
        fileBytes = 0;
        while (!services.loop().isStopping()) {
            boolean begun = false;
            try {
                Files.createDirectories(services.tails());
                reserve.requireForTail(services.tails(), fileBytes, fileBytes);
                begun = true;
                copy(goneFor, first, last);
                return true;
            } catch (IOException | RuntimeException | Error e) { // one entry alone may be too much for a small heap
                String what = "what is discarded of its log cannot be kept in " + services.tails() + ": " + whatToDo(e)
                        + "; until then it waits, and nothing of it is deleted";
                if (sinceLine >= SECONDS_A_LINE) {
                    LOG.error("{} {}: {}", services.node(), partition, what, e);
                    sinceLine = 0;
                }
                services.loop().submit(now -> services.replicaWaits(partition, what));
                seconds = begun ? Math.min(2 * seconds, LONGEST_PAUSE_SECONDS) : 1;
                sinceLine += seconds;
                if (!pause(seconds)) {
                    return false;
                }
            }
        }
        return false;
    }

    private static String whatToDo(Throwable failure) {
        if (failure instanceof NoRoomException) {
            return String.valueOf(failure.getMessage());
        }
        return failure + (failure instanceof Error ? "; give the node more memory" : "; make room there");
    }

    private boolean pause(int seconds) {
        try {
            for (int i = 0; i < seconds && !services.loop().isStopping(); i++) {
                TimeUnit.SECONDS.sleep(1);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void copy(Term goneFor, LogIndex first, LogIndex last) throws IOException {
        long readable = 0;
        long unreadable = 0;
        Path path;
        try (TailFile file = TailFile.create(services.tails(), partition, goneFor, first)) {
            LogIndex next = first;
            int bytes = SLICE_BYTES;
            long written = 0;
            while (!next.isAfter(last)) {
                Slice slice = read(next, bytes);
                if (slice.gapUpTo != null) {
                    file.appendUnreadable(next, slice.gapUpTo);
                    unreadable += slice.gapUpTo.position() - next.position() + 1;
                    next = slice.gapUpTo.next();
                } else if (slice.entries != null) {
                    long more = bytesOf(slice.entries);
                    written += more;
                    fileBytes = Math.max(fileBytes, written);
                    reserve.requireForTail(services.tails(), more, written);
                    file.append(slice.entries);
                    readable += slice.entries.size();
                    next = next.plus(slice.entries.size());
                    bytes = Math.min(SLICE_BYTES, Math.max(1, bytes * 2));
                } else if (bytes > 0) {
                    bytes /= 2; // 0 is a single entry
                } else {
                    file.appendUnreadable(next, next);
                    unreadable++;
                    next = next.next();
                }
            }
            path = file.finish();
        }
        LOG.warn(
                "{} {}: the entries from {} to {} may not be in the log of {}; {} of them are kept in {}, {} could not"
                        + " be read (bin/deuterium log show --tails)",
                services.node(),
                partition,
                first,
                last,
                goneFor,
                readable,
                path,
                unreadable);
    }

    private static long bytesOf(List<LogEntry> entries) {
        return entries.stream()
                .mapToLong(entry -> entry.payload().length + BYTES_BESIDE_PAYLOAD)
                .sum();
    }

    /**
     * What was read in one go.
     *
     * @param gapUpTo the log has no entry up to this index that anybody could read; null if it has one at once
     * @param entries null if one of them is damaged
     */
    private record Slice(
            @Nullable LogIndex gapUpTo, @Nullable List<LogEntry> entries) {}

    private Slice readOnLoop(LogIndex from, int maxBytes) {
        @Nullable PartitionLog log = services.log().partition(partition);
        @Nullable LogIndex readable = log == null ? null : log.readableFrom(from);
        if (readable != null && readable.isAfter(from)) {
            return new Slice(new LogIndex(readable.position() - 1), null);
        }
        try {
            return new Slice(null, services.log().entries(partition, from, maxBytes));
        } catch (DamagedEntryException e) {
            return new Slice(null, null);
        }
    }

    /** Background. */
    private Slice read(LogIndex from, int maxBytes) throws IOException {
        CompletableFuture<Slice> slice = new CompletableFuture<>();
        services.loop().submit(now -> {
            try {
                slice.complete(readOnLoop(from, maxBytes));
            } catch (RuntimeException
                    | Error e) { // an entry may be too much for the heap, which is no reason to end the node
                slice.completeExceptionally(e);
            }
        });
        try {
            return slice.orTimeout(SLICE_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IOException("the log cannot be read: " + e.getCause(), e);
        }
    }
}
