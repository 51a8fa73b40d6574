package org.deuterium.server.demo;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import org.deuterium.benchmarks.TargetDatabase;
import org.deuterium.router.catalog.Partitioner;
import org.deuterium.wire.PartitionId;

/** Which partition holds each warehouse, from the slots that SHOW PARTITIONS gives. */
final class WarehousePlacement {

    private WarehousePlacement() {}

    static Map<Integer, PartitionId> partitionsOf(int warehouses, TargetDatabase database) throws SQLException {
        Map<Integer, PartitionId> placement = new TreeMap<>();
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW PARTITIONS FROM warehouse")) {
            while (rows.next()) {
                PartitionId partition = new PartitionId(rows.getInt("PARTITION_ID"));
                for (int warehouse = 1; warehouse <= warehouses; warehouse++) {
                    int slot = Partitioner.slot(Partitioner.hash((long) warehouse));
                    if (rows.getInt("FIRST_SLOT") <= slot && slot <= rows.getInt("LAST_SLOT")) {
                        placement.put(warehouse, partition);
                    }
                }
            }
        }
        if (placement.size() != warehouses) {
            throw new SQLException("only warehouses " + placement.keySet() + " have a partition");
        }
        return placement;
    }
}
