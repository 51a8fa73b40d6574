package org.deuterium.benchmarks.tpcc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** How many items of a district's last twenty orders run low (clause 2.8). */
final class StockLevel implements TpccTransaction {

    private final int warehouse;
    private final int district;
    private final int threshold;

    StockLevel(TpccRandom random, int warehouse) {
        this.warehouse = warehouse;
        district = random.uniform(1, TpccScale.DISTRICTS);
        threshold = random.uniform(10, 20);
    }

    @Override
    public boolean run(TerminalConnection connection) throws SQLException {
        int next;
        try (ResultSet row = connection.queryRow(
                "SELECT d_next_o_id FROM district WHERE d_w_id = ? AND d_id = ?", warehouse, district)) {
            next = row.getInt(1);
        }
        connection
                .queryRow(
                        "SELECT COUNT(DISTINCT s_i_id) FROM order_line JOIN stock"
                                + " ON s_w_id = ol_w_id AND s_i_id = ol_i_id"
                                + " WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id >= ? AND ol_o_id < ?"
                                + " AND s_quantity < ?",
                        warehouse,
                        district,
                        next - 20,
                        next,
                        threshold)
                .close();
        return true;
    }

    @Override
    public boolean happened(TerminalConnection connection) {
        return true;
    }
}
