package org.deuterium.server.demo;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deuterium.wire.PartitionId;

/** Reads from an EXPLAIN which partition a statement goes to. */
final class WarehousePlacement {

    private static final Pattern PARTITION = Pattern.compile("(?i)partition\\D{0,3}(\\d+)");

    private WarehousePlacement() {}

    static PartitionId partitionIn(PreparedStatement explain) throws SQLException {
        StringBuilder lines = new StringBuilder();
        try (ResultSet rows = explain.executeQuery()) {
            while (rows.next()) {
                lines.append(rows.getString(1)).append('\n');
            }
        }
        Matcher matcher = PARTITION.matcher(lines);
        if (!matcher.find()) {
            throw new SQLException("EXPLAIN names no partition:\n" + lines);
        }
        return new PartitionId(Integer.parseInt(matcher.group(1)));
    }
}
