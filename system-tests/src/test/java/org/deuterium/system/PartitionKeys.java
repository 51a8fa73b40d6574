package org.deuterium.system;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.deuterium.router.catalog.Partitioner;
import org.deuterium.wire.PartitionId;

/** For each partition of a table that is spread by the hash of one whole number: a key that lies in it. */
final class PartitionKeys {

    private PartitionKeys() {}

    /** @param from no key is less */
    static Map<PartitionId, Integer> find(Statement statement, String table, int from) throws SQLException {
        Map<PartitionId, Integer> keys = new TreeMap<>();
        try (ResultSet rows = statement.executeQuery("SHOW PARTITIONS FROM " + table)) {
            while (rows.next()) {
                int key = from;
                int slot = Partitioner.slot(Partitioner.hash((long) key));
                while (slot < rows.getInt("FIRST_SLOT") || slot > rows.getInt("LAST_SLOT")) {
                    slot = Partitioner.slot(Partitioner.hash((long) ++key));
                }
                keys.put(new PartitionId(rows.getInt("PARTITION_ID")), key);
            }
        }
        return keys;
    }
}
