package org.deuterium.benchmarks.tpcc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The customer of a Payment or Order-Status: 60 of 100 by last name, the others by number (clause 2.5.1.2).
 *
 * @param lastName null: by number
 */
record CustomerChoice(
        int warehouse, int district, int number, @Nullable String lastName) {

    static CustomerChoice drawn(TpccRandom random, TpccScale scale, int warehouse, int district) {
        String lastName = random.percent(60) ? random.lastName(scale) : null;
        return new CustomerChoice(warehouse, district, random.customer(scale), lastName);
    }

    /** The number; of several with the last name the one in the middle by first name, rounded up (clause 2.5.2.2). */
    int resolve(TerminalConnection connection) throws SQLException {
        if (lastName == null) {
            return number;
        }
        List<Integer> numbers = new ArrayList<>();
        try (ResultSet rows = connection.query(
                "SELECT c_id FROM customer WHERE c_w_id = ? AND c_d_id = ? AND c_last = ? ORDER BY c_first",
                warehouse,
                district,
                lastName)) {
            while (rows.next()) {
                numbers.add(rows.getInt(1));
            }
        }
        // The loader gives every name it draws from at least once, in each district.
        if (numbers.isEmpty()) {
            throw new SQLException("no customer is named " + lastName + " in district " + district);
        }
        return numbers.get((numbers.size() - 1) / 2);
    }
}
