package org.deuterium.benchmarks.tpcc;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.deuterium.benchmarks.TargetDatabase;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command "tpcc". */
@Command(
        name = "tpcc",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Loads and runs a TPC-C-like mix through plain JDBC on any URL.",
            "The tables WAREHOUSE, DISTRICT, CUSTOMER, HISTORY, STOCK, ORDERS, NEW_ORDER, ORDER_LINE, ITEM and JOURNAL"
                    + " are dropped and created again, unless --no-load is given."
        },
        footer = {
            "",
            "Differences from TPC-C: no keying and thinking times, a terminal stays with its"
                    + " warehouse; with --customers or --items below the standard the data set is smaller.",
            "Exit code: 0; 1 if a consistency condition is broken or a transaction met an error that is not to be"
                    + " retried; 2 for wrong options."
        })
public final class TpccCommand implements Callable<Integer> {

    @Option(names = "--url", required = true, description = "JDBC URL, e.g. jdbc:deuterium://localhost:7077/db")
    private String url = "";

    @Option(names = "--user", description = "user name (default: the URL's; sa for H2 and Deuterium)")
    private @Nullable String user;

    @Option(names = "--password", description = "password of --user (default: empty)")
    private @Nullable String password;

    @Option(names = "--warehouses", defaultValue = "1", description = "warehouses (default: ${DEFAULT-VALUE})")
    private int warehouses;

    @Option(names = "--terminals", defaultValue = "8", description = "connections (default: ${DEFAULT-VALUE})")
    private int terminals;

    @Option(names = "--duration", defaultValue = "60", description = "seconds to measure (default: ${DEFAULT-VALUE})")
    private int duration;

    @Option(
            names = "--customers",
            defaultValue = "" + TpccScale.STANDARD_CUSTOMERS,
            description = "customers and initial orders of a district (default: ${DEFAULT-VALUE}, as TPC-C)")
    private int customers;

    @Option(
            names = "--items",
            defaultValue = "" + TpccScale.STANDARD_ITEMS,
            description = "rows of ITEM, and of STOCK for each warehouse (default: ${DEFAULT-VALUE}, as TPC-C)")
    private int items;

    @Option(
            names = "--remote",
            defaultValue = "" + TpccScale.STANDARD_REMOTE,
            description =
                    "percent of order lines that another warehouse supplies; 15 times as many percent of payments are"
                            + " by another one's customers; 0: none (default: ${DEFAULT-VALUE}, as TPC-C)")
    private int remote;

    @Option(
            names = "--load-threads",
            defaultValue = "4",
            description = "loading connections (default: ${DEFAULT-VALUE})")
    private int loadThreads;

    @Option(names = "--no-load", description = "run on the tables as they are; give the same sizes as at the load")
    private boolean noLoad;

    @Option(
            names = "--journal",
            paramLabel = "FILE",
            description = "append the id of each acknowledged writing transaction to FILE, and look each up at the end")
    private @Nullable Path journalFile;

    @Override
    public Integer call() throws SQLException, IOException, InterruptedException {
        PrintStream out = System.out;
        TpccScale scale = new TpccScale(warehouses, customers, items, remote);
        TargetDatabase database = new TargetDatabase(url, user, password);
        if (!noLoad) {
            out.printf("Loading %d warehouse(s)%s%n", warehouses, scale.isStandard() ? "" : " of reduced size");
            new TpccLoader(database, scale, loadThreads, out).load();
        }
        out.printf("Running %d terminals for %d s%n", terminals, duration);
        try (CommitJournal journal = journalFile == null ? null : CommitJournal.open(journalFile)) {
            TpccRun run = new TpccRun(database, scale, terminals, journal, (warehouse, wrote, begun, now) -> {}, out);
            run.run(duration);
            run.printReport();
            boolean consistent = reportConsistency(database, out);
            boolean complete = journalFile == null || reportAudit(database, journalFile, out);
            return consistent && complete && run.errors() == 0 ? 0 : 1;
        }
    }

    private boolean reportConsistency(TargetDatabase database, PrintStream out) throws SQLException {
        List<String> violations = ConsistencyCheck.check(database, warehouses);
        violations.forEach(out::println);
        out.println("consistency conditions 1-4 (clause 3.3.2), and sums over all warehouses: "
                + (violations.isEmpty() ? "hold" : "BROKEN"));
        return violations.isEmpty();
    }

    private static boolean reportAudit(TargetDatabase database, Path file, PrintStream out)
            throws SQLException, IOException {
        JournalAudit.Finding finding = JournalAudit.audit(database, file);
        out.printf(
                "journal: %,d acknowledged transactions, %d lost, %d there more than once%n",
                finding.acknowledged(),
                finding.lost().size(),
                finding.repeated().size());
        return finding.clean();
    }
}
