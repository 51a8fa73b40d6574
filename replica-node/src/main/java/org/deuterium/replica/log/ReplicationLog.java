package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.deuterium.replica.log.LogSegment.ChannelOpener;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of a node. Records are gathered with {@link #append} and its like, and become durable, all together, with
 * {@link #sync}. Belongs to one thread (the node loop).
 */
public final class ReplicationLog implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicationLog.class);
    private static final Pattern PUT_ASIDE = Pattern.compile(LogSegment.FILE_NAME + "\\.damaged(-[0-9]+)?");
    private static final int OFFSET_BITS = 40;
    private static final int DIRECT_BYTES = 1 << 20;
    private static final int KEPT_BATCH_BYTES = 8 << 20;
    private static final int READ_WINDOW_BYTES = 128 << 10;

    private final Path directory;
    private final LogSettings settings;
    private final FatalLogFailure fatal;
    private final ChannelOpener opener;
    private final SegmentPreparer preparer;
    private final ProvenEnd provenEnd;
    private final Map<PartitionId, PartitionLog> partitions;
    private final Map<Integer, LogSegment> segments = new HashMap<>();
    private final SecureRandom random = new SecureRandom();
    private final ByteBuffer direct = ByteBuffer.allocateDirect(DIRECT_BYTES);
    private WireWriter batch = new WireWriter(1 << 16);
    private int[] table = new int[16];
    private int tableSize;
    private int oldest;
    private int newest;
    private LogSegment active;
    private long nextSequence;
    private int checksum;
    private boolean failed;
    private final boolean incomplete;

    private ReplicationLog(
            Path directory,
            LogSettings settings,
            FatalLogFailure fatal,
            ChannelOpener opener,
            SegmentPreparer preparer,
            ProvenEnd provenEnd,
            LogReplay replay,
            List<LogSegment> found) {
        this.directory = directory;
        this.settings = settings;
        this.fatal = fatal;
        this.opener = opener;
        this.preparer = preparer;
        this.provenEnd = provenEnd;
        this.partitions = replay.partitions();
        this.nextSequence = replay.nextSequence();
        this.checksum = replay.checksum();
        this.incomplete = replay.isIncomplete();
        for (int i = 0; i < found.size(); i++) {
            segments.put(i, found.get(i));
        }
        this.newest = found.size() - 1;
        this.active = found.get(newest);
        BatchFormat.begin(batch);
    }

    /** True if there are files of a log in this directory, sound or not. */
    public static boolean isIn(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith("segment-"));
        }
    }

    /** Opens or makes a log, cuts a torn tail, finds what is damaged, and makes all the rest durable. */
    public static ReplicationLog open(Path directory, LogSettings settings, FatalLogFailure fatal) throws IOException {
        return open(directory, settings, fatal, ChannelOpener.READ_AND_WRITE);
    }

    static ReplicationLog open(Path directory, LogSettings settings, FatalLogFailure fatal, ChannelOpener opener)
            throws IOException {
        Files.createDirectories(directory);
        SegmentPreparer preparer = new SegmentPreparer(directory, settings.segmentBytes());
        List<LogSegment> found = new ArrayList<>();
        String unreadable = null;
        for (Path file : segmentFiles(directory)) {
            try {
                found.add(LogSegment.open(file, opener));
            } catch (DamagedSegmentException e) {
                Path aside = Files.move(file, LogSegment.nameAside(file));
                LOG.error("{}; it is kept as {}", e.getMessage(), aside);
                unreadable = e.getMessage();
            }
        }
        if (found.isEmpty()) {
            found.add(LogSegment.create(directory, preparer.take(), 1, 0, new SecureRandom().nextLong(), opener));
        }
        ProvenEnd provenEnd = ProvenEnd.open(directory);
        LogReplay replay = new LogReplay(found.get(0), provenEnd.sequence());
        LogSegment.forceDirectory(directory); // a segment made just before a crash may be in the page cache alone
        replay.read(found);
        boolean newestIsMissing = replay.misses(newestPutAside(directory));
        if (unreadable != null && !newestIsMissing) {
            replay.everythingIsDamaged(unreadable);
        }
        replay.sayWhatIsLost();
        ReplicationLog log = new ReplicationLog(directory, settings, fatal, opener, preparer, provenEnd, replay, found);
        if (newestIsMissing || replay.newestIsCut()) {
            log.roll(); // whose beginning tells of the damage, whatever becomes of this start and of that file
        } else if (log.active.end() == LogSegment.HEADER_BYTES) {
            log.beginSegment(); // a crash may have come between the file and its beginning
        }
        preparer.prepare();
        return log;
    }

    /** The greatest sequence that a file which was put aside, at whatever start, began with; 0 if there is none. */
    private static long newestPutAside(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> PUT_ASIDE.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .mapToLong(name -> Long.parseLong(name.group(1), 16))
                    .max()
                    .orElse(0);
        }
    }

    private static List<Path> segmentFiles(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> LogSegment.FILE_NAME
                            .matcher(file.getFileName().toString())
                            .matches())
                    .sorted()
                    .toList();
        }
    }

    /** What the log holds of each partition. */
    public Collection<PartitionLog> partitions() {
        return Collections.unmodifiableCollection(partitions.values());
    }

    /** True if records could not be read of which nobody knows what they were about: a replica may be missing here. */
    public boolean isIncomplete() {
        return incomplete;
    }

    public @Nullable PartitionLog partition(PartitionId partition) {
        return partitions.get(partition);
    }

    /** Starts the log of a replica with an empty directory; whatever was there of the partition is void. */
    public PartitionLog createReplica(PartitionId partition, StorageId storage) {
        PartitionLog log = new PartitionLog(partition, storage);
        partitions.put(partition, log);
        enter(log);
        LogRecords.created(batch, partition, storage);
        return log;
    }

    /** Ends the log of a replica. */
    public void dropReplica(PartitionId partition) {
        PartitionLog log = partitions.remove(partition);
        if (log != null) {
            enter(log);
            LogRecords.dropped(batch, partition);
        }
    }

    /** Adds the next entry of a partition. */
    public void append(PartitionId partition, LogEntry entry) {
        PartitionLog log = writable(partition);
        int start = batch.size();
        LogRecords.entry(batch, partition, entry);
        int checksum = LogRecords.checksum(batch.array(), start, batch.size() - start);
        log.add(entry, location(newest, active.end() + start), checksum, true);
        active.holds(partition.number(), entry.index().position());
    }

    /** No older term is obeyed from here on. */
    public void promise(PartitionId partition, Term term) {
        PartitionLog log = writable(partition);
        log.promise(term);
        LogRecords.promise(batch, partition, term);
    }

    /** The entries after {@code index} never count again. */
    public void discardAfter(PartitionId partition, LogIndex index) {
        PartitionLog log = writable(partition);
        log.discardAfter(index);
        LogRecords.discardAfter(batch, partition, index);
    }

    /** The entries up to {@code index} are in the replica's H2 file, committed and synced. */
    public void checkpoint(PartitionId partition, LogIndex index, Term term) {
        PartitionLog log = writable(partition);
        log.checkpoint(index, term);
        LogRecords.checkpoint(batch, partition, index, term);
    }

    /** The replica's H2 file is now a snapshot of {@code index}; the log starts after it. */
    public void snapshotInstalled(PartitionId partition, LogIndex index, Term term, Timestamp lastTimestamp) {
        PartitionLog log = writable(partition);
        log.snapshot(index, term, lastTimestamp);
        LogRecords.snapshot(batch, partition, index, term, lastTimestamp);
    }

    private PartitionLog writable(PartitionId partition) {
        if (failed) {
            throw new IllegalStateException("the log in " + directory + " failed; the process should have ended");
        }
        PartitionLog log = partitions.get(partition);
        if (log == null || log.damage() != null) {
            throw new IllegalStateException("no sound log of " + partition + " to write to in " + directory);
        }
        enter(log);
        return log;
    }

    private void enter(PartitionLog log) {
        if (log.entersBatch(nextSequence)) {
            if (tableSize == table.length) {
                table = Arrays.copyOf(table, tableSize * 2);
            }
            table[tableSize++] = log.partition().number();
        }
    }

    /** True if something was added since the last {@link #sync}. */
    public boolean hasUnsynced() {
        return batch.size() > BatchFormat.HEADER_BYTES;
    }

    /** Writes what was added as one batch and makes it durable. */
    public void sync() {
        if (!hasUnsynced()) {
            return;
        }
        try {
            writeBatch();
            if (active.end() >= settings.segmentBytes()) {
                roll();
            }
        } catch (IOException e) {
            failed = true;
            LOG.error(
                    "the log in {} cannot be written; the process ends, to be started again on a sound disk",
                    directory,
                    e);
            fatal.logFailed(e);
            throw new IllegalStateException("the log in " + directory + " cannot be written", e);
        }
    }

    /** To be called often: when nothing was written for a second, what was written last is proven to have been whole. */
    public void proveWhenIdle(long nowMillis) {
        provenEnd.tick(nextSequence, nowMillis);
    }

    private void writeBatch() throws IOException {
        checksum = BatchFormat.seal(batch, table, tableSize, nextSequence, checksum, active.salt());
        active.write(batch, direct);
        active.force();
        for (int i = 0; i < tableSize; i++) {
            PartitionLog log = partitions.get(new PartitionId(table[i]));
            if (log != null) {
                log.ring().evictTo(settings.cacheBytesPerPartition());
            }
        }
        nextSequence++;
        tableSize = 0;
        if (batch.array().length > KEPT_BATCH_BYTES) {
            batch = new WireWriter(1 << 16);
        }
        BatchFormat.begin(batch);
    }

    private void roll() throws IOException {
        LogSegment next =
                LogSegment.create(directory, preparer.take(), nextSequence, checksum, random.nextLong(), opener);
        preparer.prepare();
        newest++;
        segments.put(newest, next);
        active = next;
        beginSegment();
    }

    /** The first batch of a segment: how every partition stands, so that older segments can go. */
    private void beginSegment() throws IOException {
        for (PartitionLog log : partitions.values()) {
            enter(log);
            LogRecords.summary(batch, log);
        }
        if (hasUnsynced()) {
            writeBatch();
        }
    }

    /**
     * Reads entries from {@code from} on, at least one if there is one, until {@code maxBytes} of payload are there. Those
     * of a damaged log end where it has a gap: {@link PartitionLog#readableFrom} says where it goes on.
     *
     * @throws DamagedEntryException if what the file holds is not what was written
     * @throws IllegalArgumentException if {@code from} is older than the first entry still here
     */
    public List<LogEntry> entries(PartitionId partition, LogIndex from, long maxBytes) {
        PartitionLog log = partitions.get(partition);
        EntryRing piece = log == null ? null : log.pieceFrom(from.position());
        EntryRing ring = piece != null ? piece : log == null ? null : log.ring();
        if (ring == null || from.position() < ring.first()) {
            throw new IllegalArgumentException("entry " + from + " of " + partition + " is not in the log any more");
        }
        List<LogEntry> result = new ArrayList<>();
        LogReader reader = new LogReader(segments, READ_WINDOW_BYTES);
        long bytes = 0;
        for (long index = from.position(); index < ring.end() && (bytes < maxBytes || result.isEmpty()); index++) {
            LogEntry entry = ring.cached(index);
            if (entry == null) {
                entry = reader.entryAt(ring.location(index), ring.checksum(index));
            }
            result.add(entry);
            bytes += entry.payload().length;
        }
        return result;
    }

    /**
     * Deletes the oldest segments that hold no entry from {@code neededFrom(partition)} on, nor one after the checkpoint.
     *
     * @param keepBytes stop when the log is no longer than this
     * @return the partitions whose entries keep the oldest segment; empty if nothing more is to be deleted
     */
    public List<PartitionId> truncate(long keepBytes, ToLongFunction<PartitionId> neededFrom) {
        while (oldest < newest && bytes() > keepBytes) {
            LogSegment segment = Objects.requireNonNull(segments.get(oldest));
            List<PartitionId> keepers = keepers(segment, neededFrom);
            if (!keepers.isEmpty()) {
                return keepers;
            }
            delete(segment);
        }
        return List.of();
    }

    /** True while the disk has as much room again as the log takes: then it may keep more than it is meant to. */
    public boolean mayGrow() {
        return directory.toFile().getUsableSpace() > Math.max(bytes(), 4L * settings.segmentBytes());
    }

    private List<PartitionId> keepers(LogSegment segment, ToLongFunction<PartitionId> neededFrom) {
        List<PartitionId> keepers = new ArrayList<>();
        for (Map.Entry<Integer, Long> held : segment.lastIndexes().entrySet()) {
            PartitionLog log = partitions.get(new PartitionId(held.getKey()));
            if (log != null && holdsEntryFrom(log, neededFrom.applyAsLong(log.partition()))) {
                keepers.add(log.partition());
            }
        }
        return keepers;
    }

    private boolean holdsEntryFrom(PartitionLog log, long neededFrom) {
        long needed = log.damage() != null
                ? neededFrom
                : Math.min(neededFrom, log.checkpointIndex().position() + 1);
        EntryRing piece = log.pieceFrom(needed);
        return piece != null && ordinal(piece.location(Math.max(piece.first(), needed))) == oldest;
    }

    private void delete(LogSegment segment) {
        for (PartitionLog log : partitions.values()) {
            EntryRing ring = log.ring();
            while (ring.first() < ring.end() && ordinal(ring.location(ring.first())) == oldest) {
                log.removeFirst();
            }
            for (EntryRing piece : log.behindDamage().pieces()) {
                while (piece.first() < piece.end() && ordinal(piece.location(piece.first())) == oldest) {
                    piece.removeFirst();
                }
            }
        }
        segments.remove(oldest++);
        try {
            segment.delete();
            LOG.info("deleted {}: nobody needs its entries any more", segment.file());
        } catch (IOException e) {
            LOG.warn("cannot delete {}; delete it by hand once this node is stopped", segment.file(), e);
        }
    }

    /** Bytes of all segments. */
    public long bytes() {
        return (long) (newest - oldest) * settings.segmentBytes() + active.end();
    }

    static long location(int ordinal, long offset) {
        return ((long) ordinal << OFFSET_BITS) | offset;
    }

    static int ordinal(long location) {
        return (int) (location >>> OFFSET_BITS);
    }

    static long offset(long location) {
        return location & ((1L << OFFSET_BITS) - 1);
    }

    @Override
    public void close() throws IOException {
        preparer.close();
        provenEnd.prove(nextSequence);
        provenEnd.close();
        for (LogSegment segment : segments.values()) {
            segment.close();
        }
    }
}
