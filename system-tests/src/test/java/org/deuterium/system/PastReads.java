package org.deuterium.system;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.deuterium.history.HistoryRecorder;
import org.deuterium.history.Operation;

/**
 * Transactions AS OF in the list-append workload: they read all lists of a while in two statements, of which both are to
 * show one state of all partitions, from before the moment asked for.
 */
final class PastReads {

    /** The SQLState of a moment that is not kept, as may be right after a change of leader. */
    static final String NOT_RETAINED = "72000";

    private static final int[] AGO_MILLIS = {1, 400, 1_000};

    /** Clocks of this process: the recorder's does not jump, the router's is set by NTP. */
    private static final int CLOCKS_DIFFER_MILLIS = 10;

    private PastReads() {}

    /** The lists from one key up to before another; the transaction is committed, and told to the client. */
    static void run(Connection connection, HistoryRecorder.Client client, Random random, int from, int before)
            throws SQLException {
        int ago = AGO_MILLIS[random.nextInt(AGO_MILLIS.length)];
        try (Statement set = connection.createStatement()) {
            set.execute("SET TRANSACTION AS OF '-" + ago + "ms'");
        }
        int middle = (from + before) / 2;
        read(connection, client, middle, before);
        read(connection, client, from, middle);
        connection.commit();
        client.endedAsOf(TimeUnit.MILLISECONDS.toNanos(Math.max(0, ago - CLOCKS_DIFFER_MILLIS)));
    }

    private static void read(Connection connection, HistoryRecorder.Client client, int from, int before)
            throws SQLException {
        TreeMap<Integer, long[]> found = new TreeMap<>();
        try (PreparedStatement select = connection.prepareStatement("SELECT K, V FROM LISTS WHERE K >= ? AND K < ?")) {
            select.setInt(1, from);
            select.setInt(2, before);
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getInt(1), ListAppendLoad.elements(rows.getString(2)));
                }
            }
        }
        for (int key = from; key < before; key++) {
            client.did(Operation.read(ListAppendLoad.name(key), found.getOrDefault(key, new long[0])));
        }
    }
}
