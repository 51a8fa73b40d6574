package org.deuterium.system;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deuterium.replica.log.TailFile;
import org.deuterium.replica.storage.EntryText;
import org.deuterium.wire.replication.LogEntry;

/** What the nodes' side files hold of a {@link LedgerLoad}, as {@code bin/deuterium log show --tails} prints it. */
final class SetAside {

    /** A row of LEDGER(REGION, ID, WRITER, AMOUNT) in a write set. */
    private static final Pattern ROW =
            Pattern.compile("INSERT PUBLIC\\.LEDGER row -?\\d+ \\(\\d+, (?:CAST\\()?(\\d+)\\b.*");

    /** The statement that inserts it, with its parameters. */
    private static final Pattern STATEMENT = Pattern.compile(
            "INSERT INTO LEDGER\\(AMOUNT, REGION, ID, WRITER\\) .*\\((?:CAST\\()?\\d+[^,]*, (?:CAST\\()?\\d+[^,]*, (?:CAST\\()?(\\d+)\\b.*");

    private SetAside() {}

    /** The ids of the ledger rows in the side files under these data directories. */
    static Set<Long> ledgerIds(Collection<Path> dataDirectories) throws IOException {
        Set<Long> ids = new HashSet<>();
        for (Path data : dataDirectories) {
            for (Path file : TailFile.list(data.resolve("tails"))) {
                for (LogEntry entry : TailFile.read(file).entries()) {
                    EntryText.lines(entry).forEach(line -> addId(line, ids));
                }
            }
        }
        return ids;
    }

    private static void addId(String line, Set<Long> ids) {
        for (Pattern pattern : new Pattern[] {ROW, STATEMENT}) {
            Matcher matcher = pattern.matcher(line);
            if (matcher.matches()) {
                ids.add(Long.valueOf(matcher.group(1)));
            }
        }
    }
}
