package org.deuterium.benchmarks.tpcc;

import java.io.PrintStream;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.deuterium.benchmarks.ProgressLine;
import org.deuterium.benchmarks.TargetDatabase;

/**
 * Fills the tables as clause 4.3.3 says, several warehouses at a time. Each transaction holds rows of one table and
 * one warehouse, so it writes one partition.
 */
public final class TpccLoader {

    private final TargetDatabase database;
    private final TpccScale scale;
    private final int threads;
    private final PrintStream out;
    private final LongAdder rows = new LongAdder();

    public TpccLoader(TargetDatabase database, TpccScale scale, int threads, PrintStream out) {
        this.database = database;
        this.scale = scale;
        this.threads = threads;
        this.out = out;
    }

    /** Drops and creates the tables, then fills them; returns the number of rows. */
    public long load() throws SQLException, InterruptedException {
        TpccSchema.create(database);
        List<Callable<Void>> tasks = new ArrayList<>();
        tasks.add(() -> withConnection(new TpccRandom(42), this::loadItems));
        for (int warehouse = 1; warehouse <= scale.warehouses(); warehouse++) {
            int w = warehouse;
            tasks.add(() -> withConnection(new TpccRandom(42 + w), (c, random) -> loadWarehouse(c, random, w)));
        }
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (ProgressLine progress = ProgressLine.start(out, "load", rows::sum, scale.expectedRows(), "rows")) {
            List<Future<Void>> futures = new ArrayList<>();
            for (Callable<Void> task : tasks) {
                futures.add(executor.submit(task));
            }
            for (Future<Void> future : futures) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
        } finally {
            executor.shutdownNow();
        }
        return rows.sum();
    }

    private interface Part {
        void load(Connection connection, TpccRandom random) throws SQLException;
    }

    private Void withConnection(TpccRandom random, Part part) throws SQLException {
        try (Connection connection = database.connect()) {
            connection.setAutoCommit(false);
            part.load(connection, random);
            return null;
        }
    }

    private RowBatch batch(Connection connection, String table, int columns) throws SQLException {
        return new RowBatch(connection, table, columns, rows);
    }

    private void loadItems(Connection connection, TpccRandom random) throws SQLException {
        try (RowBatch items = batch(connection, "item", 5)) {
            for (int i = 1; i <= scale.items(); i++) {
                items.add(i, random.uniform(1, 10_000), random.text(14, 24), random.amount(100, 10_000), random.data());
            }
        }
    }

    private void loadWarehouse(Connection connection, TpccRandom random, int w) throws SQLException {
        try (RowBatch warehouses = batch(connection, "warehouse", 9)) {
            warehouses.add(
                    w,
                    random.text(6, 10),
                    random.text(10, 20),
                    random.text(10, 20),
                    random.text(10, 20),
                    random.text(2, 2),
                    random.zip(),
                    tax(random, 2000),
                    new BigDecimal("30000.00").multiply(BigDecimal.valueOf(TpccScale.DISTRICTS)));
        }
        try (RowBatch districts = batch(connection, "district", 11)) {
            for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
                districts.add(
                        w,
                        d,
                        random.text(6, 10),
                        random.text(10, 20),
                        random.text(10, 20),
                        random.text(10, 20),
                        random.text(2, 2),
                        random.zip(),
                        tax(random, 2000),
                        new BigDecimal("30000.00"),
                        scale.customers() + 1);
            }
        }
        loadStock(connection, random, w);
        for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
            loadCustomers(connection, random, w, d);
            loadOrders(connection, random, w, d);
        }
    }

    private void loadStock(Connection connection, TpccRandom random, int w) throws SQLException {
        try (RowBatch stock = batch(connection, "stock", 17)) {
            for (int i = 1; i <= scale.items(); i++) {
                Object[] row = new Object[17];
                row[0] = w;
                row[1] = i;
                row[2] = random.uniform(10, 100);
                for (int d = 0; d < TpccScale.DISTRICTS; d++) {
                    row[3 + d] = random.text(24, 24);
                }
                row[13] = 0;
                row[14] = 0;
                row[15] = 0;
                row[16] = random.data();
                stock.add(row);
            }
        }
    }

    private void loadCustomers(Connection connection, TpccRandom random, int w, int d) throws SQLException {
        LocalDateTime now = LocalDateTime.now().truncatedTo(ChronoUnit.MICROS);
        try (RowBatch customers = batch(connection, "customer", 21)) {
            for (int c = 1; c <= scale.customers(); c++) {
                customers.add(
                        w,
                        d,
                        c,
                        random.text(8, 16),
                        "OE",
                        random.lastNameOfLoaded(c, scale),
                        random.text(10, 20),
                        random.text(10, 20),
                        random.text(10, 20),
                        random.text(2, 2),
                        random.zip(),
                        random.digits(16),
                        now,
                        random.percent(10) ? "BC" : "GC",
                        new BigDecimal("50000.00"),
                        tax(random, 5000),
                        new BigDecimal("-10.00"),
                        new BigDecimal("10.00"),
                        1,
                        0,
                        random.text(300, 500));
            }
        }
        try (RowBatch history = batch(connection, "history", 8)) {
            for (int c = 1; c <= scale.customers(); c++) {
                history.add(c, d, w, d, w, now, new BigDecimal("10.00"), random.text(12, 24));
            }
        }
    }

    private void loadOrders(Connection connection, TpccRandom random, int w, int d) throws SQLException {
        LocalDateTime now = LocalDateTime.now().truncatedTo(ChronoUnit.MICROS);
        int[] customerOfOrder = random.permutation(scale.customers());
        int[] linesOfOrder = new int[scale.customers() + 1];
        try (RowBatch orders = batch(connection, "orders", 8)) {
            for (int o = 1; o <= scale.customers(); o++) {
                linesOfOrder[o] = random.uniform(5, 15);
                Integer carrier = o < scale.firstUndelivered() ? Integer.valueOf(random.uniform(1, 10)) : null;
                orders.add(w, d, o, customerOfOrder[o - 1], now, carrier, linesOfOrder[o], 1);
            }
        }
        try (RowBatch newOrders = batch(connection, "new_order", 3)) {
            for (int o = scale.firstUndelivered(); o <= scale.customers(); o++) {
                newOrders.add(w, d, o);
            }
        }
        try (RowBatch lines = batch(connection, "order_line", 10)) {
            for (int o = 1; o <= scale.customers(); o++) {
                boolean delivered = o < scale.firstUndelivered();
                for (int line = 1; line <= linesOfOrder[o]; line++) {
                    lines.add(
                            w,
                            d,
                            o,
                            line,
                            random.uniform(1, scale.items()),
                            w,
                            delivered ? now : null,
                            5,
                            delivered ? new BigDecimal("0.00") : random.amount(1, 999_999),
                            random.text(24, 24));
                }
            }
        }
    }

    /** A rate with four decimals between 0 and the limit. */
    private static BigDecimal tax(TpccRandom random, int limit) {
        return BigDecimal.valueOf(random.uniform(0, limit), 4);
    }
}
