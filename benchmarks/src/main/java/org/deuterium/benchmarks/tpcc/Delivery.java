package org.deuterium.benchmarks.tpcc;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.time.LocalDateTime;

/** The oldest order of each district is delivered (clause 2.7), all ten in one transaction. */
final class Delivery implements TpccTransaction {

    private final int warehouse;
    private final int carrier;
    private final LocalDateTime delivered = EntryClock.next();
    private int lastDistrict;
    private int lastOrder;

    Delivery(TpccRandom random, int warehouse) {
        this.warehouse = warehouse;
        carrier = random.uniform(1, 10);
    }

    @Override
    public boolean run(TerminalConnection connection) throws SQLException {
        lastDistrict = 0;
        for (int district = 1; district <= TpccScale.DISTRICTS; district++) {
            int order;
            try (ResultSet row = connection.query(
                    "SELECT no_o_id FROM new_order WHERE no_w_id = ? AND no_d_id = ?"
                            + " ORDER BY no_o_id FETCH FIRST 1 ROW ONLY",
                    warehouse,
                    district)) {
                if (!row.next()) {
                    continue;
                }
                order = row.getInt(1);
            }
            deliver(connection, district, order);
            lastDistrict = district;
            lastOrder = order;
        }
        return true;
    }

    private void deliver(TerminalConnection connection, int district, int order) throws SQLException {
        int deleted = connection.update(
                "DELETE FROM new_order WHERE no_w_id = ? AND no_d_id = ? AND no_o_id = ?", warehouse, district, order);
        if (deleted == 0) {
            throw new SQLTransactionRollbackException("another delivery took the order first", "40001");
        }
        int customer;
        try (ResultSet row = connection.queryRow(
                "SELECT o_c_id FROM orders WHERE o_w_id = ? AND o_d_id = ? AND o_id = ?", warehouse, district, order)) {
            customer = row.getInt(1);
        }
        connection.update(
                "UPDATE orders SET o_carrier_id = ? WHERE o_w_id = ? AND o_d_id = ? AND o_id = ?",
                carrier,
                warehouse,
                district,
                order);
        connection.update(
                "UPDATE order_line SET ol_delivery_d = ? WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id = ?",
                delivered,
                warehouse,
                district,
                order);
        BigDecimal total;
        try (ResultSet row = connection.queryRow(
                "SELECT SUM(ol_amount) FROM order_line WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id = ?",
                warehouse,
                district,
                order)) {
            total = row.getBigDecimal(1);
        }
        connection.update(
                "UPDATE customer SET c_balance = c_balance + ?, c_delivery_cnt = c_delivery_cnt + 1"
                        + " WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
                total,
                warehouse,
                district,
                customer);
    }

    @Override
    public boolean happened(TerminalConnection connection) throws SQLException {
        // Nothing was left to deliver: nothing was written.
        return lastDistrict == 0
                || connection.exists(
                        "SELECT 1 FROM order_line WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id = ?"
                                + " AND ol_number = 1 AND ol_delivery_d = ?",
                        warehouse,
                        lastDistrict,
                        lastOrder,
                        delivered);
    }
}
