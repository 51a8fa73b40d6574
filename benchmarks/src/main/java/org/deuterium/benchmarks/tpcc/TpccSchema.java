package org.deuterium.benchmarks.tpcc;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.deuterium.benchmarks.TargetDatabase;

/**
 * The nine tables of clause 1.3, and JOURNAL, which gets one row in each writing transaction if the run keeps a
 * {@link CommitJournal}. On Deuterium all but ITEM are partitioned by their warehouse, so that a transaction at home
 * writes one partition only; ITEM is REPLICATED, so that reading it is local too.
 */
final class TpccSchema {

    private static final List<String> TABLES = List.of(
            "journal",
            "order_line",
            "new_order",
            "orders",
            "history",
            "stock",
            "item",
            "customer",
            "district",
            "warehouse");

    private TpccSchema() {}

    static void create(TargetDatabase database) throws SQLException {
        try (Connection connection = database.connect();
                Statement statement = connection.createStatement()) {
            for (String table : TABLES) {
                statement.execute("DROP TABLE IF EXISTS " + table);
            }
            for (String table : tables(database)) {
                statement.execute(table);
            }
            statement.execute("CREATE INDEX customer_by_name ON customer (c_w_id, c_d_id, c_last, c_first)");
            statement.execute("CREATE INDEX orders_by_customer ON orders (o_w_id, o_d_id, o_c_id, o_id)");
        }
    }

    private static List<String> tables(TargetDatabase database) {
        return List.of(
                """
                CREATE TABLE warehouse (w_id INTEGER NOT NULL, w_name VARCHAR(10), w_street_1 VARCHAR(20),
                  w_street_2 VARCHAR(20), w_city VARCHAR(20), w_state CHAR(2), w_zip CHAR(9),
                  w_tax DECIMAL(4, 4), w_ytd DECIMAL(12, 2), PRIMARY KEY (w_id))""" + database.partitionedBy("w_id"),
                """
                CREATE TABLE district (d_w_id INTEGER NOT NULL, d_id INTEGER NOT NULL, d_name VARCHAR(10),
                  d_street_1 VARCHAR(20), d_street_2 VARCHAR(20), d_city VARCHAR(20), d_state CHAR(2), d_zip CHAR(9),
                  d_tax DECIMAL(4, 4), d_ytd DECIMAL(12, 2), d_next_o_id INTEGER, PRIMARY KEY (d_w_id, d_id))""" + database.partitionedBy("d_w_id"),
                """
                CREATE TABLE customer (c_w_id INTEGER NOT NULL, c_d_id INTEGER NOT NULL, c_id INTEGER NOT NULL,
                  c_first VARCHAR(16), c_middle CHAR(2), c_last VARCHAR(16), c_street_1 VARCHAR(20),
                  c_street_2 VARCHAR(20), c_city VARCHAR(20), c_state CHAR(2), c_zip CHAR(9), c_phone CHAR(16),
                  c_since TIMESTAMP, c_credit CHAR(2), c_credit_lim DECIMAL(12, 2), c_discount DECIMAL(4, 4),
                  c_balance DECIMAL(12, 2), c_ytd_payment DECIMAL(12, 2), c_payment_cnt INTEGER,
                  c_delivery_cnt INTEGER, c_data VARCHAR(500), PRIMARY KEY (c_w_id, c_d_id, c_id))""" + database.partitionedBy("c_w_id"),
                """
                CREATE TABLE item (i_id INTEGER NOT NULL, i_im_id INTEGER, i_name VARCHAR(24), i_price DECIMAL(5, 2),
                  i_data VARCHAR(50), PRIMARY KEY (i_id))""" + database.replicated(),
                """
                CREATE TABLE stock (s_w_id INTEGER NOT NULL, s_i_id INTEGER NOT NULL, s_quantity INTEGER,
                  s_dist_01 CHAR(24), s_dist_02 CHAR(24), s_dist_03 CHAR(24), s_dist_04 CHAR(24), s_dist_05 CHAR(24),
                  s_dist_06 CHAR(24), s_dist_07 CHAR(24), s_dist_08 CHAR(24), s_dist_09 CHAR(24), s_dist_10 CHAR(24),
                  s_ytd INTEGER, s_order_cnt INTEGER, s_remote_cnt INTEGER, s_data VARCHAR(50),
                  PRIMARY KEY (s_w_id, s_i_id))""" + database.partitionedBy("s_w_id"),
                """
                CREATE TABLE history (h_c_id INTEGER, h_c_d_id INTEGER, h_c_w_id INTEGER, h_d_id INTEGER,
                  h_w_id INTEGER NOT NULL, h_date TIMESTAMP, h_amount DECIMAL(6, 2), h_data VARCHAR(24))""" + database.partitionedBy("h_w_id"),
                """
                CREATE TABLE orders (o_w_id INTEGER NOT NULL, o_d_id INTEGER NOT NULL, o_id INTEGER NOT NULL,
                  o_c_id INTEGER, o_entry_d TIMESTAMP, o_carrier_id INTEGER, o_ol_cnt INTEGER, o_all_local INTEGER,
                  PRIMARY KEY (o_w_id, o_d_id, o_id))""" + database.partitionedBy("o_w_id"),
                """
                CREATE TABLE new_order (no_w_id INTEGER NOT NULL, no_d_id INTEGER NOT NULL, no_o_id INTEGER NOT NULL,
                  PRIMARY KEY (no_w_id, no_d_id, no_o_id))""" + database.partitionedBy("no_w_id"),
                """
                CREATE TABLE order_line (ol_w_id INTEGER NOT NULL, ol_d_id INTEGER NOT NULL, ol_o_id INTEGER NOT NULL,
                  ol_number INTEGER NOT NULL, ol_i_id INTEGER, ol_supply_w_id INTEGER, ol_delivery_d TIMESTAMP,
                  ol_quantity INTEGER, ol_amount DECIMAL(6, 2), ol_dist_info CHAR(24),
                  PRIMARY KEY (ol_w_id, ol_d_id, ol_o_id, ol_number))""" + database.partitionedBy("ol_w_id"),
                """
                CREATE TABLE journal (j_w_id INTEGER NOT NULL, j_id BIGINT NOT NULL, j_kind VARCHAR(16),
                  PRIMARY KEY (j_w_id, j_id))""" + database.partitionedBy("j_w_id"));
    }
}
