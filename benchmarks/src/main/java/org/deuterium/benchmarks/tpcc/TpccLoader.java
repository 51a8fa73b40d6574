package org.deuterium.benchmarks.tpcc;

import java.io.PrintStream;
import java.math.BigDecimal;
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
import org.jspecify.annotations.Nullable;

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
        List<Callable<@Nullable Void>> tasks = new ArrayList<>();
        tasks.add(() -> loadItems(new TpccRandom(42)));
        for (int warehouse = 1; warehouse <= scale.warehouses(); warehouse++) {
            int w = warehouse;
            tasks.add(() -> loadWarehouse(new TpccRandom(42 + w), w));
        }
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (ProgressLine progress = ProgressLine.start(out, "load", rows::sum, scale.expectedRows(), "rows")) {
            List<Future<@Nullable Void>> futures = new ArrayList<>();
            for (Callable<@Nullable Void> task : tasks) {
                futures.add(executor.submit(task));
            }
            for (Future<@Nullable Void> future : futures) {
                future.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SQLException sql ? sql : new SQLException(e.getCause());
        } finally {
            executor.shutdownNow();
        }
        return rows.sum();
    }

    private RowBatch batch(String table, int columns, String part) {
        return new RowBatch(database, table, columns, part, rows);
    }

    private RowBatch batch(String table, int columns, String prefix, int w, int d) {
        return batch(table, columns, prefix + "_w_id = " + w + " AND " + prefix + "_d_id = " + d);
    }

    private @Nullable Void loadItems(TpccRandom random) throws SQLException {
        try (RowBatch items = batch("item", 5, "")) {
            for (int i = 1; i <= scale.items(); i++) {
                items.add(i, random.uniform(1, 10_000), random.text(14, 24), random.amount(100, 10_000), random.data());
            }
        }
        return null;
    }

    private @Nullable Void loadWarehouse(TpccRandom random, int w) throws SQLException {
        try (RowBatch warehouses = batch("warehouse", 9, "w_id = " + w)) {
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
        try (RowBatch districts = batch("district", 11, "d_w_id = " + w)) {
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
        loadStock(random, w);
        for (int d = 1; d <= TpccScale.DISTRICTS; d++) {
            loadCustomers(random, w, d);
            loadOrders(random, w, d);
        }
        return null;
    }

    private void loadStock(TpccRandom random, int w) throws SQLException {
        try (RowBatch stock = batch("stock", 17, "s_w_id = " + w)) {
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

    private void loadCustomers(TpccRandom random, int w, int d) throws SQLException {
        LocalDateTime now = LocalDateTime.now().truncatedTo(ChronoUnit.MICROS);
        try (RowBatch customers = batch("customer", 21, "c", w, d)) {
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
        try (RowBatch history = batch("history", 8, "h", w, d)) {
            for (int c = 1; c <= scale.customers(); c++) {
                history.add(c, d, w, d, w, now, new BigDecimal("10.00"), random.text(12, 24));
            }
        }
    }

    private void loadOrders(TpccRandom random, int w, int d) throws SQLException {
        LocalDateTime now = LocalDateTime.now().truncatedTo(ChronoUnit.MICROS);
        int[] customerOfOrder = random.permutation(scale.customers());
        int[] linesOfOrder = new int[scale.customers() + 1];
        try (RowBatch orders = batch("orders", 8, "o", w, d)) {
            for (int o = 1; o <= scale.customers(); o++) {
                linesOfOrder[o] = random.uniform(5, 15);
                Integer carrier = o < scale.firstUndelivered() ? Integer.valueOf(random.uniform(1, 10)) : null;
                orders.add(w, d, o, customerOfOrder[o - 1], now, carrier, linesOfOrder[o], 1);
            }
        }
        try (RowBatch newOrders = batch("new_order", 3, "no", w, d)) {
            for (int o = scale.firstUndelivered(); o <= scale.customers(); o++) {
                newOrders.add(w, d, o);
            }
        }
        try (RowBatch lines = batch("order_line", 10, "ol", w, d)) {
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
