package org.deuterium.server;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.replica.log.LogListing;
import org.deuterium.replica.log.TailFile;
import org.deuterium.replica.storage.EntryText;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command "log". */
@Command(name = "log", mixinStandardHelpOptions = true, description = "Looks into the log of a node.")
final class LogCommand {

    @Spec
    private @Nullable CommandSpec spec;

    /** Prints the log, or the tails that were set aside. */
    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            exitCodeListHeading = "%nExit codes:%n",
            exitCodeList = {"0:all was read", "1:something could not be read; what could is printed, and what not"},
            description = {
                "Prints the entries of a node's log, oldest first: partition, index, term, time, transaction, kind, and"
                        + " below them the rows or statements.",
                "Changes nothing; the node may run or be stopped."
            })
    int show(
            @Option(names = "--data", required = true, paramLabel = "DIR", description = "the node's data directory")
                    Path data,
            @Option(names = "--partition", defaultValue = "-1", paramLabel = "N", description = "only this partition")
                    int partition,
            @Option(
                            names = "--tails",
                            description = "the entries that were set aside when another leader's log did not have them"
                                    + " (ACK ASYNC), or may not have had them")
                    boolean tails,
            @Option(
                            names = "--unless-in",
                            paramLabel = "DIR",
                            description =
                                    "with --tails: leaves out what the log in this other node's data directory holds"
                                            + " too, which is not lost")
                    @Nullable
                    Path unlessIn,
            @Option(names = "--from", defaultValue = "0", paramLabel = "I", description = "first index") long from,
            @Option(names = "--to", defaultValue = "9223372036854775807", paramLabel = "J", description = "last index")
                    long to)
            throws IOException, CommandFailure {
        Path log = logOf(data);
        Listing listing = new Listing(Objects.requireNonNull(spec).commandLine().getOut(), partition, from, to);
        if (tails) {
            Held held = new Held();
            if (unlessIn != null) {
                LogListing.read(logOf(unlessIn), held);
            }
            listing.tails(data.resolve("tails"), held);
        } else if (unlessIn != null) {
            throw new CommandFailure("--unless-in is for --tails");
        } else {
            LogListing.read(log, listing);
            listing.tellIfNothingIsThere(data);
        }
        listing.out.flush();
        return listing.complete ? 0 : 1;
    }

    private static Path logOf(Path data) throws CommandFailure {
        Path log = data.resolve("log");
        if (!Files.isDirectory(log)) {
            throw new CommandFailure(data + " is not the data directory of a node: it has no folder log");
        }
        return log;
    }

    /** Which entries a log holds. */
    private static final class Held implements LogListing.Reader {

        private record Place(PartitionId partition, LogIndex index, Term term) {}

        private final Set<Place> places = new HashSet<>();

        boolean has(PartitionId partition, LogEntry entry) {
            return places.contains(new Place(partition, entry.index(), entry.term()));
        }

        @Override
        public void entry(PartitionId partition, LogEntry entry) {
            places.add(new Place(partition, entry.index(), entry.term()));
        }

        @Override
        public void discarded(PartitionId partition, LogIndex after) {
            places.removeIf(place -> place.partition.equals(partition) && place.index.isAfter(after));
        }

        @Override
        public void promised(PartitionId partition, Term term) {}

        @Override
        public void unreadable(Path file, long offset) {}

        @Override
        public void gone(Path file) {}
    }

    /** What was asked for, printed. */
    private static final class Listing implements LogListing.Reader {

        private final PrintWriter out;
        private final int only;
        private final long from;
        private final long to;
        private boolean complete = true;
        private boolean foundAny;

        Listing(PrintWriter out, int only, long from, long to) {
            this.out = out;
            this.only = only;
            this.from = from;
            this.to = to;
        }

        void tails(Path directory, Held held) throws IOException {
            List<Path> files = TailFile.list(directory);
            if (files.isEmpty()) {
                out.println("no tails in " + directory + ": nothing was set aside by this node");
                return;
            }
            out.println("An entry here is lost only if the logs of the leaders since do not have it: the same index and"
                    + " term. This command does not know them" + (held.places.isEmpty() ? "; see --unless-in" : "")
                    + ".");
            for (Path file : files) {
                try {
                    TailFile.read(file, new TailListing(this, held, file));
                } catch (IOException | RuntimeException e) {
                    complete = false;
                    out.println(file.getFileName() + " cannot be read: " + e.getMessage());
                }
            }
            tellIfNothingIsThere(directory);
        }

        private boolean isWanted(PartitionId partition, long index) {
            return isWanted(partition) && index >= from && index <= to;
        }

        private boolean isWanted(PartitionId partition) {
            boolean wanted = only < 0 || only == partition.number();
            foundAny |= wanted;
            return wanted;
        }

        void tellIfNothingIsThere(Path place) {
            if (!foundAny && only >= 0) {
                out.println("nothing of partition " + only + " is in " + place);
            }
        }

        @Override
        public void entry(PartitionId partition, LogEntry entry) {
            if (isWanted(partition, entry.index().position())) {
                out.println(partition + " " + entry.index() + " " + entry.term() + " "
                        + Instant.ofEpochMilli(entry.timestamp().millis()) + " "
                        + Long.toHexString(entry.transaction().origin()) + ":"
                        + entry.transaction().sequence() + " " + entry.kind());
                if (entry.kind() == EntryKind.SCHEMA_CHANGE) {
                    SchemaChangePayload change = SchemaChangePayload.decode(entry.payload());
                    out.println("    version " + change.version() + ": " + change.sql());
                } else {
                    EntryText.lines(entry).forEach(line -> out.println("    " + line));
                }
            }
        }

        @Override
        public void discarded(PartitionId partition, LogIndex after) {
            if (isWanted(partition, after.position())) {
                out.println(partition + " entries after " + after + " are discarded");
            }
        }

        @Override
        public void promised(PartitionId partition, Term term) {
            if (isWanted(partition)) {
                out.println(partition + " promises " + term);
            }
        }

        @Override
        public void unreadable(Path file, long offset) {
            out.println(file.getFileName() + " cannot be read from byte " + offset + " on");
        }

        @Override
        public void gone(Path file) {
            out.println(file.getFileName() + " was deleted by the node meanwhile: nobody needs its entries any more");
        }
    }

    /** One side file, printed. */
    private record TailListing(Listing listing, Held held, Path file) implements TailFile.Reader {

        @Override
        public void begins(PartitionId partition, Term gaveWayTo) {
            if (listing.isWanted(partition)) {
                listing.out.println(file.getFileName() + ": gave way to term " + gaveWayTo.number());
            }
        }

        @Override
        public void entry(PartitionId partition, LogEntry entry) {
            if (!held.has(partition, entry)) {
                listing.entry(partition, entry);
            }
        }

        @Override
        public void wasUnreadable(PartitionId partition, LogIndex first, LogIndex last) {
            listing.complete = false;
            listing.out.println(partition + " " + first + (first.equals(last) ? "" : " to " + last)
                    + " could not be read from the log any more");
        }

        @Override
        public void damaged(long offset) {
            listing.complete = false;
            listing.out.println(
                    file.getFileName() + " is damaged at byte " + offset + "; what can be read after it follows");
        }
    }
}
