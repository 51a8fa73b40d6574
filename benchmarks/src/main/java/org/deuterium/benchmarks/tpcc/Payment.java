package org.deuterium.benchmarks.tpcc;

import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDateTime;

/**
 * A customer, maybe of another warehouse, pays; the amount goes into the year's sums of warehouse and district (clause 2.5).
 */
final class Payment implements TpccTransaction {

    private final int warehouse;
    private final int district;
    private final CustomerChoice choice;
    private final BigDecimal amount;
    private final LocalDateTime paid = EntryClock.next();

    Payment(TpccRandom random, TpccScale scale, int warehouse) {
        this.warehouse = warehouse;
        district = random.uniform(1, TpccScale.DISTRICTS);
        int from = random.warehouse(scale, warehouse, scale.remotePayments());
        int customersDistrict = from == warehouse ? district : random.uniform(1, TpccScale.DISTRICTS);
        choice = CustomerChoice.drawn(random, scale, from, customersDistrict);
        amount = random.amount(100, 500_000);
    }

    @Override
    public boolean run(TerminalConnection connection) throws SQLException {
        connection.update("UPDATE warehouse SET w_ytd = w_ytd + ? WHERE w_id = ?", amount, warehouse);
        String place;
        try (ResultSet row = connection.queryRow(
                "SELECT w_name, w_street_1, w_street_2, w_city, w_state, w_zip FROM warehouse WHERE w_id = ?",
                warehouse)) {
            place = row.getString(1);
        }
        connection.update(
                "UPDATE district SET d_ytd = d_ytd + ? WHERE d_w_id = ? AND d_id = ?", amount, warehouse, district);
        try (ResultSet row = connection.queryRow(
                "SELECT d_name, d_street_1, d_street_2, d_city, d_state, d_zip FROM district"
                        + " WHERE d_w_id = ? AND d_id = ?",
                warehouse,
                district)) {
            place += "    " + row.getString(1);
        }
        int customer = choice.resolve(connection);
        payCustomer(connection, customer);
        connection.update(
                "INSERT INTO history (h_c_id, h_c_d_id, h_c_w_id, h_d_id, h_w_id, h_date, h_amount, h_data)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                customer,
                choice.district(),
                choice.warehouse(),
                district,
                warehouse,
                paid,
                amount,
                place);
        return true;
    }

    private void payCustomer(TerminalConnection connection, int customer) throws SQLException {
        boolean badCredit;
        try (ResultSet row = connection.queryRow(
                "SELECT c_first, c_middle, c_last, c_street_1, c_street_2, c_city, c_state, c_zip, c_phone, c_since,"
                        + " c_credit_lim, c_discount, c_balance, c_credit FROM customer"
                        + " WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
                choice.warehouse(),
                choice.district(),
                customer)) {
            badCredit = "BC".equals(row.getString(14));
        }
        connection.update(
                "UPDATE customer SET c_balance = c_balance - ?, c_ytd_payment = c_ytd_payment + ?,"
                        + " c_payment_cnt = c_payment_cnt + 1 WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
                amount,
                amount,
                choice.warehouse(),
                choice.district(),
                customer);
        if (badCredit) {
            String entry = customer + " " + choice.district() + " " + choice.warehouse() + " " + district + " "
                    + warehouse + " " + amount + "|";
            connection.update(
                    "UPDATE customer SET c_data = SUBSTRING(? || c_data FROM 1 FOR 500)"
                            + " WHERE c_w_id = ? AND c_d_id = ? AND c_id = ?",
                    entry,
                    choice.warehouse(),
                    choice.district(),
                    customer);
        }
    }

    @Override
    public boolean happened(TerminalConnection connection) throws SQLException {
        return connection.exists(
                "SELECT 1 FROM history WHERE h_w_id = ? AND h_d_id = ? AND h_date = ? AND h_amount = ?",
                warehouse,
                district,
                paid,
                amount);
    }
}
