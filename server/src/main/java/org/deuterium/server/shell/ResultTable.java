package org.deuterium.server.shell;

import java.io.PrintStream;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** A result as aligned columns. Wide enough for what it holds up to a number of rows, after which it aligns anew. */
final class ResultTable {

    private static final int ROWS_ALIGNED_TOGETHER = 1000;
    private static final int WIDEST = 80;

    private ResultTable() {}

    static void print(ResultSet rows, PrintStream out) throws SQLException {
        ResultSetMetaData columns = rows.getMetaData();
        int count = columns.getColumnCount();
        String[] labels = new String[count];
        boolean[] numeric = new boolean[count];
        for (int i = 0; i < count; i++) {
            labels[i] = columns.getColumnLabel(i + 1);
            numeric[i] = isNumeric(columns.getColumnType(i + 1));
        }
        List<String[]> page = new ArrayList<>();
        long total = 0;
        while (rows.next()) {
            String[] row = new String[count];
            for (int i = 0; i < count; i++) {
                String text = rows.getString(i + 1);
                row[i] = text == null ? "null" : text.replace('\n', ' ');
            }
            page.add(row);
            total++;
            if (page.size() == ROWS_ALIGNED_TOGETHER) {
                printPage(labels, numeric, page, out);
                page.clear();
            }
        }
        if (!page.isEmpty() || total == 0) {
            printPage(labels, numeric, page, out);
        }
        out.println(total == 1 ? "(1 row)" : "(" + total + " rows)");
    }

    private static void printPage(String[] labels, boolean[] numeric, List<String[]> page, PrintStream out) {
        int[] widths = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            widths[i] = labels[i].length();
            for (String[] row : page) {
                widths[i] = Math.max(widths[i], Math.min(WIDEST, row[i].length()));
            }
        }
        out.println(line(labels, widths, new boolean[labels.length]));
        StringBuilder rule = new StringBuilder();
        for (int width : widths) {
            rule.append(rule.length() == 0 ? "" : "  ").append("-".repeat(width));
        }
        out.println(rule);
        for (String[] row : page) {
            out.println(line(row, widths, numeric));
        }
    }

    private static String line(String[] cells, int[] widths, boolean[] right) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.length; i++) {
            String space = " ".repeat(Math.max(0, widths[i] - cells[i].length()));
            line.append(i == 0 ? "" : "  ").append(right[i] ? space + cells[i] : cells[i] + space);
        }
        return line.toString().stripTrailing();
    }

    private static boolean isNumeric(int type) {
        return switch (type) {
            case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT -> true;
            case Types.DECIMAL, Types.NUMERIC, Types.REAL, Types.FLOAT, Types.DOUBLE -> true;
            default -> false;
        };
    }
}
