package org.deuterium.replica.storage;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.KeysWanted;

/**
 * What a one-row UPDATE by key costs under each log kind: CPU at the leader (run, capture, commit) and at a follower, and
 * bytes in the log. Run {@code main}; three rounds, the first of which warms up.
 */
final class LogKindCost {

    private static final Term TERM = new Term(1);
    private static final int ROWS = 1_000;
    private static final int STATEMENTS = 30_000;

    private final Path directory;
    private long index;

    private LogKindCost(Path directory) {
        this.directory = directory;
    }

    public static void main(String[] args) throws Exception {
        for (int round = 0; round < 3; round++) {
            for (int width : new int[] {10, 300, 3_000}) {
                for (LogKind kind : LogKind.values()) {
                    Path directory = Files.createTempDirectory("log-kind-cost");
                    System.out.printf(
                            Locale.ROOT,
                            "round %d, rows of %4d bytes, %s%n",
                            round,
                            width,
                            new LogKindCost(directory).measure(kind, width));
                }
            }
        }
    }

    private String measure(LogKind kind, int width) {
        H2Storage leader = H2Storage.open(directory.resolve("leader"), StorageSettings.DEFAULT);
        H2Storage follower = H2Storage.open(directory.resolve("follower"), StorageSettings.DEFAULT);
        for (H2Storage storage : List.of(leader, follower)) {
            storage.applySchemaChange(
                    new LogIndex(1), TERM, 1, "CREATE TABLE T(ID INT PRIMARY KEY, V INT, FILL VARCHAR(4000))");
        }
        index = 1;
        List<LoggedChanges> log = new ArrayList<>();
        run(
                leader,
                LogKind.ROW,
                log,
                "INSERT INTO T SELECT X, 0, REPEAT('f', " + width + ") FROM SYSTEM_RANGE(1, " + ROWS + ")");
        apply(follower, log, 0);
        long before = cpu();
        for (int i = 0; i < STATEMENTS; i++) {
            run(leader, kind, log, "UPDATE T SET V = V + ? WHERE ID = ?", 1, 1 + i % ROWS);
        }
        long atLeader = cpu() - before;
        before = cpu();
        apply(follower, log, 1);
        long atFollower = cpu() - before;
        long bytes = log.subList(1, log.size()).stream()
                .mapToLong(each -> each.payload().length)
                .sum();
        long texts =
                log.stream().filter(each -> each.kind() == EntryKind.STATEMENT).count();
        leader.abandon();
        follower.abandon();
        return String.format(
                Locale.ROOT,
                "%-9s leader %5.1f us, follower %5.1f us, %5d bytes, %3d %% texts",
                kind,
                atLeader / 1e3 / STATEMENTS,
                atFollower / 1e3 / STATEMENTS,
                bytes / STATEMENTS,
                texts * 100 / STATEMENTS);
    }

    private void run(H2Storage leader, LogKind kind, List<LoggedChanges> log, String sql, Object... values) {
        Branch branch = leader.openBranch(new TransactionId(1, index), TwoReplicas.SESSION, kind);
        branch.execute(TwoReplicas.statement(sql, TwoReplicas.parameters(1, values), 0, KeysWanted.NONE), 0);
        log.add(branch.captureForLog());
        branch.commit(new LogIndex(++index), TERM);
        if (index % 5_000 == 0) {
            leader.checkpoint();
        }
    }

    private static void apply(H2Storage follower, List<LoggedChanges> log, int from) {
        List<RowsEntry> rows = new ArrayList<>();
        for (int i = from; i < log.size(); i++) {
            if (rows.isEmpty() && i % 5_000 == 0) {
                follower.checkpoint();
            }
            LogIndex place = new LogIndex(2L + i);
            byte[] payload = log.get(i).payload();
            if (log.get(i).kind() == EntryKind.ROWS) {
                rows.add(new RowsEntry(place, TERM, payload));
            }
            if (!rows.isEmpty()
                    && (rows.size() == 16 || i == log.size() - 1 || log.get(i).kind() != EntryKind.ROWS)) {
                follower.applyRows(rows);
                rows.clear();
            }
            if (log.get(i).kind() == EntryKind.STATEMENT) {
                follower.applyStatements(new StatementsEntry(place, TERM, TransactionId.NONE, payload));
            }
        }
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
