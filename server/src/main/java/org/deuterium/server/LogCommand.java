package org.deuterium.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.replica.log.LogListing;
import org.deuterium.replica.log.TailFile;
import org.deuterium.replica.storage.EntryText;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "log". */
@Command(name = "log", mixinStandardHelpOptions = true, description = "Looks into the log of a node.")
final class LogCommand {

    /** Prints the log, or the tails that were set aside. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = {
                "Prints the entries of a node's log, oldest first: partition, index, term, time, transaction, kind, and"
                        + " below them the rows or statements.",
                "Changes nothing; the node may run or be stopped."
            })
    void show(
            @Option(names = "--data", required = true, paramLabel = "DIR", description = "the node's data directory")
                    Path data,
            @Option(names = "--partition", defaultValue = "-1", paramLabel = "N", description = "only this partition")
                    int partition,
            @Option(
                            names = "--tails",
                            description = "the entries that were set aside when another leader's log did not have them"
                                    + " (ACK ASYNC)")
                    boolean tails,
            @Option(names = "--from", defaultValue = "0", paramLabel = "I", description = "first index") long from,
            @Option(names = "--to", defaultValue = "9223372036854775807", paramLabel = "J", description = "last index")
                    long to)
            throws IOException, CommandFailure {
        Listing listing = new Listing(partition, from, to);
        if (tails) {
            for (Path file : TailFile.list(data.resolve("tails"))) {
                TailFile.Tail tail = TailFile.read(file);
                System.out.println(file.getFileName() + ": gave way to term "
                        + tail.gaveWayTo().number());
                tail.entries().forEach(entry -> listing.entry(tail.partition(), entry));
            }
            return;
        }
        Path log = data.resolve("log");
        if (!Files.isDirectory(log)) {
            throw new CommandFailure(data + " is not the data directory of a node: it has no folder log");
        }
        LogListing.read(log, listing);
    }

    /** What was asked for, printed. */
    private record Listing(int only, long from, long to) implements LogListing.Reader {

        private boolean isWanted(PartitionId partition, long index) {
            return (only < 0 || only == partition.number()) && index >= from && index <= to;
        }

        @Override
        public void entry(PartitionId partition, LogEntry entry) {
            if (isWanted(partition, entry.index().position())) {
                System.out.println(partition + " " + entry.index() + " " + entry.term() + " "
                        + Instant.ofEpochMilli(entry.timestamp().millis()) + " "
                        + Long.toHexString(entry.transaction().origin()) + ":"
                        + entry.transaction().sequence() + " " + entry.kind());
                if (entry.kind() == EntryKind.SCHEMA_CHANGE) {
                    SchemaChangePayload change = SchemaChangePayload.decode(entry.payload());
                    System.out.println("    version " + change.version() + ": " + change.sql());
                } else {
                    EntryText.lines(entry).forEach(line -> System.out.println("    " + line));
                }
            }
        }

        @Override
        public void discarded(PartitionId partition, LogIndex after) {
            if (isWanted(partition, after.position())) {
                System.out.println(partition + " entries after " + after + " are discarded");
            }
        }

        @Override
        public void promised(PartitionId partition, Term term) {
            if (only < 0 || only == partition.number()) {
                System.out.println(partition + " promises " + term);
            }
        }

        @Override
        public void unreadable(Path file, long offset) {
            System.out.println(file.getFileName() + " cannot be read from byte " + offset + " on");
        }
    }
}
