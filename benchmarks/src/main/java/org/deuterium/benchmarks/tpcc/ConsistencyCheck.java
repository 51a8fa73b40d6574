package org.deuterium.benchmarks.tpcc;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.benchmarks.TargetDatabase;

/**
 * The consistency conditions 1 to 4 of clause 3.3.2, checked warehouse by warehouse while no terminal runs; and that what a
 * transaction did in two warehouses is there in both.
 */
public final class ConsistencyCheck {

    private final Connection connection;
    private final List<String> violations = new ArrayList<>();

    private ConsistencyCheck(Connection connection) {
        this.connection = connection;
    }

    /** What is broken, one line each; empty: all four conditions hold. */
    public static List<String> check(TargetDatabase database, int warehouses) throws SQLException {
        try (Connection connection = database.connect()) {
            ConsistencyCheck check = new ConsistencyCheck(connection);
            for (int warehouse = 1; warehouse <= warehouses; warehouse++) {
                check.sumsOfTheYear(warehouse);
                check.orderNumbers(warehouse);
                check.orderLines(warehouse);
            }
            check.remoteLines();
            check.payments();
            return check.violations;
        }
    }

    /** Condition 1: W_YTD = sum(D_YTD). */
    private void sumsOfTheYear(int warehouse) throws SQLException {
        BigDecimal ofWarehouse = one("SELECT w_ytd FROM warehouse WHERE w_id = ?", warehouse);
        BigDecimal ofDistricts = one("SELECT SUM(d_ytd) FROM district WHERE d_w_id = ?", warehouse);
        if (ofWarehouse.compareTo(ofDistricts) != 0) {
            violations.add("condition 1: warehouse " + warehouse + " has W_YTD " + ofWarehouse
                    + ", its districts together " + ofDistricts);
        }
    }

    /** Condition 2: D_NEXT_O_ID - 1 = max(O_ID) = max(NO_O_ID); 3: no gap in the numbers of NEW-ORDER. */
    private void orderNumbers(int warehouse) throws SQLException {
        Map<Integer, long[]> next = byDistrict("SELECT d_id, d_next_o_id FROM district WHERE d_w_id = ?", warehouse);
        Map<Integer, long[]> orders =
                byDistrict("SELECT o_d_id, MAX(o_id) FROM orders WHERE o_w_id = ? GROUP BY o_d_id", warehouse);
        Map<Integer, long[]> open = byDistrict(
                "SELECT no_d_id, MAX(no_o_id), MIN(no_o_id), COUNT(*) FROM new_order WHERE no_w_id = ?"
                        + " GROUP BY no_d_id",
                warehouse);
        if (next.size() != TpccScale.DISTRICTS) {
            violations.add("warehouse " + warehouse + " has " + next.size() + " districts");
        }
        next.forEach((district, row) -> {
            String where = "district " + district + " of warehouse " + warehouse + " has ";
            long last = row[0] - 1;
            long[] ordered = orders.getOrDefault(district, new long[] {-1});
            if (ordered[0] != last) {
                violations.add("condition 2: " + where + "D_NEXT_O_ID - 1 = " + last + ", max(O_ID) = " + ordered[0]);
            }
            long[] undelivered = open.get(district);
            if (undelivered == null) {
                return;
            }
            if (undelivered[0] != last) {
                violations.add(
                        "condition 2: " + where + "D_NEXT_O_ID - 1 = " + last + ", max(NO_O_ID) = " + undelivered[0]);
            }
            if (undelivered[0] - undelivered[1] + 1 != undelivered[2]) {
                violations.add("condition 3: " + where + undelivered[2] + " rows in NEW-ORDER numbered "
                        + undelivered[1] + " to " + undelivered[0]);
            }
        });
    }

    /** Condition 4: sum(O_OL_CNT) = rows of ORDER-LINE. */
    private void orderLines(int warehouse) throws SQLException {
        Map<Integer, long[]> promised =
                byDistrict("SELECT o_d_id, SUM(o_ol_cnt) FROM orders WHERE o_w_id = ? GROUP BY o_d_id", warehouse);
        Map<Integer, long[]> lines =
                byDistrict("SELECT ol_d_id, COUNT(*) FROM order_line WHERE ol_w_id = ? GROUP BY ol_d_id", warehouse);
        promised.forEach((district, row) -> {
            long there = lines.getOrDefault(district, new long[] {0})[0];
            if (row[0] != there) {
                violations.add("condition 4: district " + district + " of warehouse " + warehouse
                        + " has sum(O_OL_CNT) = " + row[0] + " and " + there + " rows in ORDER-LINE");
            }
        });
    }

    /** Each line supplied by another warehouse was counted there. */
    private void remoteLines() throws SQLException {
        BigDecimal counted = one("SELECT SUM(s_remote_cnt) FROM stock");
        BigDecimal lines = one("SELECT COUNT(*) FROM order_line WHERE ol_supply_w_id <> ol_w_id");
        if (counted.compareTo(lines) != 0) {
            violations.add("remote lines: sum(S_REMOTE_CNT) = " + counted + ", and " + lines
                    + " rows in ORDER-LINE are supplied by another warehouse");
        }
    }

    /** What customers of any warehouse paid is what all warehouses took. */
    private void payments() throws SQLException {
        BigDecimal paid = one("SELECT SUM(c_ytd_payment) FROM customer");
        BigDecimal taken = one("SELECT SUM(h_amount) FROM history");
        if (paid.compareTo(taken) != 0) {
            violations.add("payments: sum(C_YTD_PAYMENT) = " + paid + ", sum(H_AMOUNT) = " + taken);
        }
    }

    private BigDecimal one(String sql) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql);
                ResultSet row = query.executeQuery()) {
            BigDecimal value = row.next() ? row.getBigDecimal(1) : null;
            return value == null ? BigDecimal.ZERO : value;
        }
    }

    private BigDecimal one(String sql, int warehouse) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setInt(1, warehouse);
            try (ResultSet row = query.executeQuery()) {
                BigDecimal value = row.next() ? row.getBigDecimal(1) : null;
                return value == null ? BigDecimal.ZERO : value;
            }
        }
    }

    private Map<Integer, long[]> byDistrict(String sql, int warehouse) throws SQLException {
        Map<Integer, long[]> rows = new HashMap<>();
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            query.setInt(1, warehouse);
            try (ResultSet row = query.executeQuery()) {
                int columns = row.getMetaData().getColumnCount();
                while (row.next()) {
                    long[] values = new long[columns - 1];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = row.getLong(i + 2);
                    }
                    rows.put(row.getInt(1), values);
                }
            }
        }
        return rows;
    }
}
