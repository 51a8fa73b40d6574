package org.deuterium.benchmarks.tpcc;

import java.sql.ResultSet;
import java.sql.SQLException;

/** A customer asks for the state of the last order (clause 2.6). */
final class OrderStatus implements TpccTransaction {

    private final int warehouse;
    private final int district;
    private final CustomerChoice choice;

    OrderStatus(TpccRandom random, TpccScale scale, int warehouse) {
        this.warehouse = warehouse;
        district = random.uniform(1, TpccScale.DISTRICTS);
        choice = CustomerChoice.drawn(random, scale, warehouse, district);
    }

    @Override
    public boolean run(TerminalConnection connection) throws SQLException {
        int customer = choice.resolve(connection);
        connection
                .queryRow(
                        "SELECT c_balance, c_first, c_middle, c_last FROM customer"
                                + " WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
                        warehouse,
                        district,
                        customer)
                .close();
        int order;
        try (ResultSet row = connection.queryRow(
                "SELECT o_id, o_entry_d, o_carrier_id FROM orders WHERE o_w_id = ? AND o_d_id = ? AND o_c_id = ?"
                        + " ORDER BY o_id DESC FETCH FIRST 1 ROW ONLY",
                warehouse,
                district,
                customer)) {
            order = row.getInt(1);
        }
        try (ResultSet rows = connection.query(
                "SELECT ol_i_id, ol_supply_w_id, ol_quantity, ol_amount, ol_delivery_d FROM order_line"
                        + " WHERE ol_w_id = ? AND ol_d_id = ? AND ol_o_id = ?",
                warehouse,
                district,
                order)) {
            int lines = 0;
            while (rows.next()) {
                lines++;
            }
            if (lines < 5) {
                throw new SQLException("order " + order + " of district " + district + " in warehouse " + warehouse
                        + " has " + lines + " lines; none has fewer than 5");
            }
        }
        return true;
    }

    @Override
    public boolean happened(TerminalConnection connection) {
        return true;
    }
}
