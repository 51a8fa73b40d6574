package org.deuterium.replica.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.deuterium.replica.log.TailFile;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps tails in files ({@link TailFile}). A node that cannot keep one ends: the entries must not vanish silently. */
final class TailFiles implements TailKeeper {

    private static final Logger LOG = LoggerFactory.getLogger(TailFiles.class);

    private final Path directory;

    TailFiles(Path directory) {
        this.directory = directory;
    }

    @Override
    public void keep(PartitionId partition, Term goneFor, List<LogEntry> entries) {
        try {
            Path file = TailFile.write(directory, partition, goneFor, entries);
            LOG.warn(
                    "{}: {} entries from {} on are not in the log of {}; they are kept in {} (bin/deuterium log show"
                            + " --tails)",
                    partition,
                    entries.size(),
                    entries.get(0).index(),
                    goneFor,
                    file);
        } catch (IOException e) {
            throw new IllegalStateException(
                    "the discarded entries of " + partition + " cannot be kept in " + directory + "; make room there",
                    e);
        }
    }
}
