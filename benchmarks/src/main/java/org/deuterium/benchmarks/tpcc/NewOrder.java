package org.deuterium.benchmarks.tpcc;

import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.util.Arrays;

/**
 * A customer orders 5 to 15 items (clause 2.4), of which some may come from another warehouse; in one of a hundred orders the
 * last item does not exist.
 */
final class NewOrder implements TpccTransaction {

    private static final int UNUSED_ITEM = -1;

    private static final String STOCK_UPDATE =
            "UPDATE stock SET s_quantity = ?, s_ytd = s_ytd + ?, s_order_cnt = s_order_cnt + 1,"
                    + " s_remote_cnt = s_remote_cnt + ? WHERE s_w_id = ? AND s_i_id = ?";
    private static final String LINE_INSERT = "INSERT INTO order_line (ol_w_id, ol_d_id, ol_o_id, ol_number, ol_i_id,"
            + " ol_supply_w_id, ol_quantity, ol_amount, ol_dist_info) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final int warehouse;
    private final int district;
    private final int customer;
    private final int[] items;
    private final int[] suppliers;
    private final int[] quantities;
    private final LocalDateTime entered = EntryClock.next();
    private final String stockQuery;
    private int order;

    NewOrder(TpccRandom random, TpccScale scale, int warehouse) {
        this.warehouse = warehouse;
        district = random.uniform(1, TpccScale.DISTRICTS);
        customer = random.customer(scale);
        items = distinctItems(random, scale);
        suppliers = new int[items.length];
        quantities = new int[items.length];
        for (int i = 0; i < items.length; i++) {
            suppliers[i] = random.warehouse(scale, warehouse, scale.remote());
            quantities[i] = random.uniform(1, 10);
        }
        if (random.percent(1)) {
            items[items.length - 1] = UNUSED_ITEM;
        }
        stockQuery = "SELECT s_quantity, s_data, s_dist_" + (district < 10 ? "0" : "") + district
                + " FROM stock WHERE s_w_id = ? AND s_i_id = ? FOR UPDATE";
    }

    /** Distinct and in ascending order, so that two orders lock the stock in the same order. */
    private static int[] distinctItems(TpccRandom random, TpccScale scale) {
        java.util.TreeSet<Integer> chosen = new java.util.TreeSet<>();
        int count = random.uniform(5, 15);
        while (chosen.size() < count) {
            chosen.add(random.item(scale));
        }
        return chosen.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public boolean run(TerminalConnection connection) throws SQLException {
        connection.update(
                "UPDATE district SET d_next_o_id = d_next_o_id + 1 WHERE d_w_id = ? AND d_id = ?", warehouse, district);
        BigDecimal rates = BigDecimal.ONE;
        try (ResultSet row = connection.queryRow(
                "SELECT d_next_o_id, d_tax FROM district WHERE d_w_id = ? AND d_id = ?", warehouse, district)) {
            order = row.getInt(1) - 1;
            rates = rates.add(row.getBigDecimal(2));
        }
        try (ResultSet row = connection.queryRow("SELECT w_tax FROM warehouse WHERE w_id = ?", warehouse)) {
            rates = rates.add(row.getBigDecimal(1));
        }
        try (ResultSet row = connection.queryRow(
                "SELECT c_discount, c_last, c_credit FROM customer WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
                warehouse,
                district,
                customer)) {
            rates = rates.multiply(BigDecimal.ONE.subtract(row.getBigDecimal(1)));
        }
        connection.update(
                "INSERT INTO orders (o_w_id, o_d_id, o_id, o_c_id, o_entry_d, o_ol_cnt, o_all_local)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)",
                warehouse,
                district,
                order,
                customer,
                entered,
                items.length,
                Arrays.stream(suppliers).allMatch(supplier -> supplier == warehouse) ? 1 : 0);
        connection.update(
                "INSERT INTO new_order (no_w_id, no_d_id, no_o_id) VALUES (?, ?, ?)", warehouse, district, order);
        return orderLines(connection);
    }

    private boolean orderLines(TerminalConnection connection) throws SQLException {
        PreparedStatement stockUpdate = connection.prepare(STOCK_UPDATE);
        PreparedStatement lineInsert = connection.prepare(LINE_INSERT);
        stockUpdate.clearBatch();
        lineInsert.clearBatch();
        for (int i = 0; i < items.length; i++) {
            BigDecimal price;
            try (ResultSet row =
                    connection.query("SELECT i_price, i_name, i_data FROM item WHERE i_id = ?", items[i])) {
                if (!row.next()) {
                    return false;
                }
                price = row.getBigDecimal(1);
            }
            try (ResultSet row = connection.queryRow(stockQuery, suppliers[i], items[i])) {
                int left = row.getInt(1) - quantities[i];
                addStock(stockUpdate, left >= 10 ? left : left + 91, i);
                addLine(lineInsert, i, price.multiply(BigDecimal.valueOf(quantities[i])), row.getString(3));
            }
        }
        stockUpdate.executeBatch();
        lineInsert.executeBatch();
        return true;
    }

    private void addStock(PreparedStatement update, int quantity, int i) throws SQLException {
        update.setInt(1, quantity);
        update.setInt(2, quantities[i]);
        update.setInt(3, suppliers[i] == warehouse ? 0 : 1);
        update.setInt(4, suppliers[i]);
        update.setInt(5, items[i]);
        update.addBatch();
    }

    private void addLine(PreparedStatement insert, int i, BigDecimal amount, String districtInfo) throws SQLException {
        insert.setInt(1, warehouse);
        insert.setInt(2, district);
        insert.setInt(3, order);
        insert.setInt(4, i + 1);
        insert.setInt(5, items[i]);
        insert.setInt(6, suppliers[i]);
        insert.setInt(7, quantities[i]);
        insert.setBigDecimal(8, amount);
        insert.setString(9, districtInfo);
        insert.addBatch();
    }

    @Override
    public boolean happened(TerminalConnection connection) throws SQLException {
        return connection.exists(
                "SELECT 1 FROM orders WHERE o_w_id = ? AND o_d_id = ? AND o_id = ? AND o_entry_d = ?",
                warehouse,
                district,
                order,
                entered);
    }
}
