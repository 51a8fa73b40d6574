package org.deuterium.benchmarks.tpcc;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.benchmarks.TargetDatabase;
import org.deuterium.benchmarks.tpcc.CommitJournal.Entry;

/** Looks up every acknowledged transaction of a {@link CommitJournal} in table JOURNAL, one by one. */
public final class JournalAudit {

    /**
     * What an audit found.
     *
     * @param lost acknowledged, and not there
     * @param repeated acknowledged once, and there more than once
     */
    public record Finding(long acknowledged, List<Entry> lost, List<Entry> repeated) {

        public boolean clean() {
            return lost.isEmpty() && repeated.isEmpty();
        }
    }

    private JournalAudit() {}

    public static Finding audit(TargetDatabase database, Path journal) throws SQLException, IOException {
        List<Entry> acknowledged = CommitJournal.readAcknowledged(journal);
        List<Entry> lost = new ArrayList<>();
        List<Entry> repeated = new ArrayList<>();
        try (Connection connection = database.connect();
                PreparedStatement query =
                        connection.prepareStatement("SELECT COUNT(*) FROM journal WHERE j_w_id = ? AND j_id = ?")) {
            for (Entry entry : acknowledged) {
                query.setInt(1, entry.warehouse());
                query.setLong(2, entry.id());
                try (ResultSet rows = query.executeQuery()) {
                    int times = rows.next() ? rows.getInt(1) : 0;
                    if (times == 0) {
                        lost.add(entry);
                    } else if (times > 1) {
                        repeated.add(entry);
                    }
                }
            }
        }
        return new Finding(acknowledged.size(), lost, repeated);
    }
}
