package org.deuterium.replica.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.deuterium.replica.log.BatchFormat.Header;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the segments of a log at its opening and rebuilds the state of each partition.
 *
 * <p>Each batch was fsynced before the next was written. So bytes that are no sound batch are a torn tail only if no
 * sound batch follows, in this segment or a later one, and {@link ProvenEnd} does not say that there was one; otherwise
 * they are damage, and the partitions concerned (all, if not even the batch's table can be read) are not to be trusted.
 */
final class LogReplay {

    private static final Logger LOG = LoggerFactory.getLogger(LogReplay.class);

    private final Map<PartitionId, PartitionLog> partitions = new TreeMap<>();
    private @Nullable String lost;
    private @Nullable String firstFound;
    private long nextSequence;
    private int checksum;
    private boolean started;
    private boolean checksumKnown;
    private LogSegment segment;
    private int ordinal;
    private int lastBatchAt;
    private boolean newestIsCut;
    private final long proven;

    /** @param proven every batch before this sequence was fsynced once, as {@link ProvenEnd} says */
    LogReplay(LogSegment first, long proven) {
        this.segment = first;
        this.proven = proven;
    }

    Map<PartitionId, PartitionLog> partitions() {
        return partitions;
    }

    long nextSequence() {
        return nextSequence;
    }

    int checksum() {
        return checksum;
    }

    boolean isIncomplete() {
        return lost != null;
    }

    /** True if the newest file is shorter than it was made: what is written to it would be taken for damaged as well. */
    boolean newestIsCut() {
        return newestIsCut;
    }

    /** Reads all segments in order and cuts the torn tail of the last. */
    void read(List<LogSegment> segments) throws IOException {
        for (int i = 0; i < segments.size(); i++) {
            segment = segments.get(i);
            ordinal = i;
            byte[] content = segment.readAll();
            if (started && segment.firstSequence() != nextSequence) {
                everythingIsDamaged("batches " + nextSequence + " to " + (segment.firstSequence() - 1)
                        + " are missing before " + segment.file());
            } else if (started && checksumKnown && segment.previousChecksum() != checksum) {
                everythingIsDamaged(segment.file() + " does not continue the segment before it");
            }
            started = true;
            nextSequence = segment.firstSequence();
            checksum = segment.previousChecksum();
            checksumKnown = true;
            readBatches(content);
            newestIsCut = content.length < segment.preparedBytes();
            if (newestIsCut) {
                everythingIsDamaged(segment.file() + " has " + content.length + " bytes of " + segment.preparedBytes()
                        + ": it was cut");
            }
            if (i == segments.size() - 1) {
                cutAfterEnd(content);
                // The only batch that may not be on the disk: each before it was, when it was begun.
                if (lastBatchAt > 0) {
                    segment.writeAgain(content, lastBatchAt);
                }
            }
        }
        for (PartitionLog log : partitions.values()) {
            if (log.ring().first() > log.checkpointIndex().position() + 1) {
                log.damaged("entries between the checkpoint " + log.checkpointIndex() + " and " + log.firstIndex()
                        + " are missing");
            }
        }
    }

    /**
     * What is missing at the end leaves a gap in the sequence, which tells of it at each later start. Bytes of what was fsynced
     * are kept before new batches are written over them: it may have been acknowledged, and nobody else may have it.
     */
    private void cutAfterEnd(byte[] content) throws IOException {
        boolean wasWhole = nextSequence < proven;
        if (wasWhole) {
            Path kept = segment.keepDamaged(content);
            everythingIsDamaged("batches " + nextSequence + " to " + (proven - 1)
                    + " were fsynced, and cannot be read in " + segment.file() + " from byte " + segment.end() + " on"
                    + (kept == null ? "" : " (as it was found: " + kept.getFileName() + ")"));
            nextSequence = proven;
        }
        long erased = segment.eraseAfterEnd(content);
        if (erased > 0 && !wasWhole) {
            LOG.warn(
                    "batch {} was being written when the process ended: {} bytes of {} up to byte {} are cut off",
                    nextSequence,
                    erased,
                    segment.file(),
                    segment.end() + erased);
        }
    }

    /**
     * The file that began with this batch was put aside. Unless a later batch was read, it was the newest, whose absence
     * nothing else shows; the next batch that is written leaves a gap, which tells of it at each later start.
     */
    boolean misses(long sequence) {
        if (sequence < nextSequence) {
            return false;
        }
        everythingIsDamaged("the file of the log that began with batch " + sequence + ", its newest, is damaged");
        nextSequence = sequence + 1;
        return true;
    }

    private void readBatches(byte[] content) {
        lastBatchAt = 0;
        int at = LogSegment.HEADER_BYTES;
        while (true) {
            @Nullable Header header = wholeHeader(content, at);
            if (header != null && header.sequence() == nextSequence) {
                if (BatchFormat.isSound(content, at, header, segment.salt())) {
                    takeBatch(content, at, header);
                    at += (int) header.totalBytes();
                    continue;
                }
                boolean wasWhole = nextSequence < proven || findLaterBatch(content, at + BatchFormat.HEADER_BYTES) >= 0;
                if (wasWhole && BatchFormat.tableIsSound(content, at, header, segment.salt())) {
                    bodyIsDamaged(content, at, header);
                    nextSequence++;
                    checksumKnown = false;
                    at += (int) header.totalBytes();
                    continue;
                }
            }
            int later = findLaterBatch(content, at);
            if (later < 0) {
                break;
            }
            Header found = Objects.requireNonNull(wholeHeader(content, later));
            everythingIsDamaged("batches " + nextSequence + " to " + (found.sequence() - 1) + " in " + segment.file()
                    + " from byte " + at + " cannot be read");
            nextSequence = found.sequence();
            checksumKnown = false;
            at = later;
        }
        segment.endsAt(at);
    }

    private @Nullable Header wholeHeader(byte[] content, int at) {
        @Nullable Header header = BatchFormat.header(content, at, segment.salt());
        return header == null || at + header.totalBytes() > content.length ? null : header;
    }

    /** The offset of the next sound batch with a sequence not read yet, or -1. */
    private int findLaterBatch(byte[] content, int from) {
        for (int at = (int) BatchFormat.aligned(from); at < content.length; at += BatchFormat.ALIGNMENT) {
            if (content[at] == (byte) (BatchFormat.MAGIC >>> 24)) {
                @Nullable Header header = wholeHeader(content, at);
                if (header != null
                        && header.sequence() >= nextSequence
                        && BatchFormat.isSound(content, at, header, segment.salt())) {
                    return at;
                }
            }
        }
        return -1;
    }

    private void takeBatch(byte[] content, int at, Header header) {
        if (checksumKnown && header.previousChecksum() != checksum) {
            everythingIsDamaged(
                    "batch " + nextSequence + " in " + segment.file() + " does not continue the one before");
        }
        int record = at + BatchFormat.HEADER_BYTES;
        int end = at + header.tableOffset();
        while (record < end) {
            int length = BatchFormat.intAt(content, record) + Integer.BYTES;
            takeRecord(new WireReader(content, record, length), record, LogRecords.checksum(content, record, length));
            record += length;
        }
        checksum = BatchFormat.intAt(content, at + header.checksumOffset());
        checksumKnown = true;
        lastBatchAt = at;
        nextSequence++;
    }

    private void takeRecord(WireReader in, int offset, int checksum) {
        in.readInt();
        int kind = in.readByte();
        PartitionId partition = new PartitionId(in.readVInt());
        switch (kind) {
            case LogRecords.CREATED ->
                partitions.put(partition, new PartitionLog(partition, new StorageId(in.readString())));
            case LogRecords.DROPPED -> partitions.remove(partition);
            case LogRecords.SUMMARY -> takeSummary(partition, in);
            default -> {
                PartitionLog log = known(partition);
                if (log.damage() == null) {
                    change(log, kind, in, offset, checksum);
                } else {
                    changeBehindDamage(log, kind, in, offset, checksum);
                }
            }
        }
    }

    private void change(PartitionLog log, int kind, WireReader in, int offset, int checksum) {
        switch (kind) {
            case LogRecords.ENTRY -> {
                LogEntry entry = LogEntry.decode(in);
                if (entry.index().position() != log.ring().end()) {
                    log.damaged("entry " + entry.index() + " follows " + log.lastIndex() + " in " + segment.file());
                    takeBehindDamage(log, entry, offset, checksum);
                    return;
                }
                log.add(entry, ReplicationLog.location(ordinal, offset), checksum, false);
                segment.holds(log.partition().number(), entry.index().position());
            }
            case LogRecords.PROMISE -> log.promise(LogRecords.readTerm(in));
            case LogRecords.DISCARD_AFTER -> log.discardAfter(LogRecords.readIndex(in));
            case LogRecords.CHECKPOINT -> log.checkpoint(LogRecords.readIndex(in), LogRecords.readTerm(in));
            case LogRecords.SNAPSHOT -> {
                LogIndex index = LogRecords.readIndex(in);
                Term term = LogRecords.readTerm(in);
                log.snapshot(index, term, new Timestamp(in.readLong()));
            }
            default -> log.damaged("record kind " + kind + " in " + segment.file() + " is of a newer version");
        }
    }

    /** The replica is lost; what its log still shows may have to be set aside. */
    private void changeBehindDamage(PartitionLog log, int kind, WireReader in, int offset, int checksum) {
        switch (kind) {
            case LogRecords.ENTRY -> takeBehindDamage(log, LogEntry.decode(in), offset, checksum);
            case LogRecords.DISCARD_AFTER -> log.discardBehindDamage(LogRecords.readIndex(in));
            case LogRecords.SNAPSHOT -> log.restartAfter(LogRecords.readIndex(in), LogRecords.readTerm(in));
            default -> {} // no vote and no checkpoint counts any more
        }
    }

    private void takeBehindDamage(PartitionLog log, LogEntry entry, int offset, int checksum) {
        log.addBehindDamage(entry, ReplicationLog.location(ordinal, offset), checksum);
        segment.holds(log.partition().number(), entry.index().position());
    }

    private PartitionLog known(PartitionId partition) {
        PartitionLog log = partitions.get(partition);
        if (log == null) {
            log = new PartitionLog(partition, StorageId.UNKNOWN);
            log.damaged(lost == null ? "its creation is missing in the log" : lost);
            partitions.put(partition, log);
        }
        return log;
    }

    private void takeSummary(PartitionId partition, WireReader in) {
        StorageId storage = new StorageId(in.readString());
        Term promised = LogRecords.readTerm(in);
        LogIndex checkpoint = LogRecords.readIndex(in);
        Term checkpointTerm = LogRecords.readTerm(in);
        LogIndex last = LogRecords.readIndex(in);
        Term lastTerm = LogRecords.readTerm(in);
        Timestamp lastTimestamp = new Timestamp(in.readLong());
        @Nullable String damage = in.readNullableString();
        PartitionLog log = partitions.get(partition);
        if (log == null) {
            log = new PartitionLog(partition, storage);
            log.restartAfter(last, lastTerm);
            partitions.put(partition, log);
            if (ordinal > 0) {
                log.damaged(lost == null ? "its creation is missing in the log" : lost);
            }
        } else if (!log.lastIndex().equals(last) || !log.storage().equals(storage)) {
            log.damaged(
                    "its log ends with " + log.lastIndex() + " where " + segment.file() + " continues after " + last);
        }
        log.promise(promised);
        log.timestamp(lastTimestamp);
        log.checkpoint(checkpoint, checkpointTerm);
        if (damage != null) {
            log.damaged(damage);
        }
    }

    private void bodyIsDamaged(byte[] content, int at, Header header) {
        String reason = "batch " + header.sequence() + " in " + segment.file() + " at byte " + at + " is damaged";
        for (int i = 0; i < header.partitions(); i++) {
            PartitionId partition = new PartitionId(BatchFormat.intAt(content, at + header.tableOffset() + 4 * i));
            known(partition).damaged(reason);
        }
        found(reason);
    }

    /** No partition known so far can be trusted. */
    void everythingIsDamaged(String reason) {
        lost = reason;
        for (PartitionLog log : partitions.values()) {
            log.damaged(reason);
        }
        found(reason);
    }

    private void found(String reason) {
        LOG.info("{}", reason);
        firstFound = firstFound == null ? reason : firstFound;
    }

    /**
     * Says what follows from the damage that was found, when all is read. It is found again at each start as long as its segment
     * is there, also when the replicas were made anew long ago and there is nothing to do.
     */
    void sayWhatIsLost() {
        List<PartitionId> lostReplicas = partitions.values().stream()
                .filter(log -> log.damage() != null)
                .map(PartitionLog::partition)
                .toList();
        if (firstFound != null && !lostReplicas.isEmpty()) {
            LOG.error("the log is damaged ({}); to be rebuilt from a peer: {}", firstFound, lostReplicas);
        } else if (firstFound != null && partitions.isEmpty()) {
            LOG.error("the log is damaged ({}), and shows no replica; databases are kept aside", firstFound);
        } else if (firstFound != null) {
            LOG.info("no replica that the log shows now is concerned");
        }
    }
}
