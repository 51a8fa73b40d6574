package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.deuterium.wire.LogIndex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9, or SIGTERM, while writers, row-lock waits, checkpoints and compaction are at work: the file plus the log must give exactly
 * the committed transactions, round after round on the same file. {@code -Ddeuterium.kill.rounds=N} runs more rounds,
 * {@code -Dh2.version=V} builds and runs with another version of H2 (never open one version's crashed file with another:
 * 2.5.252 loses rows of a crashed 2.4.240).
 */
class KillTest {

    private static final int ROUNDS = Integer.getInteger("deuterium.kill.rounds", 3);

    @TempDir
    Path directory;

    @Test
    void fileAndLogGiveTheCommittedState() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        prepare();
        try (H2Storage reference = H2Storage.open(directory.resolve("reference"), StorageSettings.DEFAULT)) {
            long before = 0;
            for (int round = 1; round <= ROUNDS; round++) {
                String where = "round " + round + " of seed " + seed;
                writeUntilKilled(500 + random.nextInt(1_500), round % 3 != 2, where);
                long entries = verify(reference, where);
                assertTrue(entries > before, () -> where + ": nothing was written");
                System.out.println(where + ": " + entries + " entries, good");
                before = entries;
            }
        }
    }

    private void prepare() throws IOException {
        EntryFile log = new EntryFile(directory.resolve("log"));
        String[] schema = {
            "CREATE TABLE ACCOUNT(ID INT PRIMARY KEY, BALANCE INT)",
            "CREATE TABLE ENTRY(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, U INT, ACCOUNT INT, TEXT CLOB)",
            "CREATE UNIQUE INDEX ENTRY_U ON ENTRY(ACCOUNT, U)",
            "CREATE TABLE SWAP(G INT, U INT, UNIQUE(G, U))"
        };
        for (int i = 0; i < schema.length; i++) {
            log.appendSchema(new LogIndex(i + 1), i + 1, schema[i]);
        }
        try (H2Storage storage = H2Storage.open(directory.resolve("storage"), KilledWriter.SETTINGS)) {
            log.replay(storage);
            for (String sql : new String[] {
                "INSERT INTO ACCOUNT SELECT X - 1, 0 FROM SYSTEM_RANGE(1, " + KilledWriter.ACCOUNTS + ")",
                "INSERT INTO SWAP SELECT X - 1, V FROM SYSTEM_RANGE(1, " + KilledWriter.ACCOUNTS
                        + "), (VALUES 1, 2) W(V)"
            }) {
                Branch branch = storage.openBranch(new org.deuterium.wire.TransactionId(1, 1), TwoReplicas.SESSION);
                branch.execute(
                        TwoReplicas.statement(
                                sql,
                                org.deuterium.wire.statement.ParameterRows.NONE,
                                0,
                                org.deuterium.wire.statement.KeysWanted.NONE),
                        0);
                LogIndex index = storage.appliedIndex().next();
                log.appendRows(index, branch.capture());
                branch.commit(index, TwoReplicas.TERM);
            }
        }
        log.close();
    }

    private void writeUntilKilled(int millis, boolean kill, String where) throws Exception {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-ea",
                        "-Xmx512m",
                        "-cp",
                        classPath,
                        KilledWriter.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        StringBuilder output = new StringBuilder();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String line = lines.readLine();
            while (line != null && !line.equals("writing")) {
                output.append(line).append('\n');
                line = lines.readLine();
            }
            long before = Files.size(directory.resolve("log"));
            boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
            for (int waits = 0; !ended && waits < 600 && Files.size(directory.resolve("log")) == before; waits++) {
                ended = process.waitFor(100, TimeUnit.MILLISECONDS); // the machine stood still
            }
            if (ended) {
                lines.lines().forEach(rest -> output.append(rest).append('\n'));
            }
            // SIGTERM as well: H2 has a shutdown hook that stores whatever it has.
            if (!kill && process.isAlive()) {
                process.destroy();
                process.waitFor(120, TimeUnit.SECONDS);
            }
        } finally {
            process.destroyForcibly();
        }
        assertEquals(kill ? 137 : 143, process.waitFor(), () -> where + ": the writer ended by itself:\n" + output);
    }

    private long verify(H2Storage reference, String where) throws IOException {
        EntryFile log = new EntryFile(directory.resolve("log"));
        try (H2Storage storage = H2Storage.open(directory.resolve("storage"), KilledWriter.SETTINGS)) {
            log.replay(reference);
            long entries = log.replay(storage);
            assertEquals(entries, storage.appliedIndex().position(), where);
            assertEquals(reference.digests(), storage.digests(), where);
            assertEquals("0", TwoReplicas.query(storage, "SELECT SUM(BALANCE) FROM ACCOUNT"), where);
            // The index and the table it belongs to tell the same.
            String byTable = TwoReplicas.query(storage, "SELECT COUNT(*), SUM(LENGTH(TEXT)) FROM ENTRY");
            String byIndex = TwoReplicas.query(
                    storage, "SELECT COUNT(*), SUM(LENGTH(TEXT)) FROM ENTRY USE INDEX(ENTRY_U) WHERE ACCOUNT >= 0");
            assertEquals(byTable, byIndex, where);
            return entries;
        } finally {
            log.close();
        }
    }
}
