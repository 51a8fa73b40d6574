package org.deuterium.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.replica.log.LogSettings;
import org.deuterium.replica.log.ReplicationLog;
import org.deuterium.replica.log.TailFile;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code deuterium log show} prints, and the code it ends with. */
class LogCommandTest {

    private static final PartitionId P = new PartitionId(4);

    @TempDir
    Path data;

    @BeforeEach
    void writeALog() throws Exception {
        write(data, entry(3, 1, "CREATE TABLE T(ID INT)"), entry(3, 2, "DROP TABLE T"));
    }

    private static LogEntry entry(long term, long index, String sql) {
        return new LogEntry(
                new Term(term),
                new LogIndex(index),
                Timestamp.ofMillis(1_700_000_000_000L + index),
                new TransactionId(7, index),
                EntryKind.SCHEMA_CHANGE,
                new SchemaChangePayload(index, sql).encode());
    }

    private static void write(Path directory, LogEntry... entries) throws Exception {
        try (ReplicationLog log = ReplicationLog.open(directory.resolve("log"), new LogSettings(4_000, 100), cause -> {
            throw new AssertionError(cause);
        })) {
            log.createReplica(P, new StorageId("s"));
            log.promise(P, new Term(3));
            for (LogEntry entry : entries) {
                log.append(P, entry);
            }
            log.sync();
        }
    }

    private void setAside(LogEntry... entries) throws Exception {
        try (TailFile tail = TailFile.create(data.resolve("tails"), P, new Term(9), entries[0].index())) {
            tail.append(List.of(entries));
            tail.finish();
        }
    }

    private record Said(int code, String text) {}

    private static Said show(Path directory, String... more) {
        StringWriter said = new StringWriter();
        CommandLine command = DeuteriumMain.commandLine().setOut(new PrintWriter(said));
        String[] arguments = new String[more.length + 4];
        System.arraycopy(new String[] {"log", "show", "--data", directory.toString()}, 0, arguments, 0, 4);
        System.arraycopy(more, 0, arguments, 4, more.length);
        return new Said(command.execute(arguments), said.toString());
    }

    @Test
    void theLog() {
        Said said = show(data);
        assertEquals(0, said.code);
        assertEquals(
                List.of(
                        "p4 promises t3",
                        "p4 i1 t3 2023-11-14T22:13:20.001Z 7:1 SCHEMA_CHANGE",
                        "    version 1: CREATE TABLE T(ID INT)",
                        "p4 i2 t3 2023-11-14T22:13:20.002Z 7:2 SCHEMA_CHANGE",
                        "    version 2: DROP TABLE T"),
                said.text.lines().toList());
        assertEquals(
                List.of(
                        "p4 promises t3",
                        "p4 i2 t3 2023-11-14T22:13:20.002Z 7:2 SCHEMA_CHANGE",
                        "    version 2: DROP TABLE T"),
                show(data, "--from", "2").text.lines().toList());
        assertEquals(
                "nothing of partition 5 is in " + data,
                show(data, "--partition", "5").text.strip());
    }

    @Test
    void theTails() throws Exception {
        setAside(entry(3, 2, "DROP TABLE T"), entry(4, 3, "CREATE TABLE LOST(ID INT)"));
        Said said = show(data, "--tails");
        assertEquals(0, said.code);
        assertTrue(said.text.contains("4-9-2.tail: gave way to term 9"), said.text);
        assertTrue(said.text.contains("DROP TABLE T"), said.text);
        assertTrue(said.text.contains("p4 i3 t4 2023-11-14T22:13:20.003Z 7:3 SCHEMA_CHANGE"), said.text);
        assertTrue(said.text.contains("CREATE TABLE LOST"), said.text);
        Said lost = show(data, "--tails", "--unless-in", data.toString());
        assertFalse(lost.text.contains("DROP TABLE T"), lost.text);
        assertTrue(lost.text.contains("CREATE TABLE LOST"), lost.text);
    }

    @Test
    void noTailsAreToldApartFromAWrongDirectory() {
        Said none = show(data, "--tails");
        assertEquals(0, none.code);
        assertTrue(none.text.contains("no tails in " + data.resolve("tails")), none.text);
        assertEquals(1, show(data.resolve("log"), "--tails").code);
        assertEquals(1, show(data.resolve("nowhere")).code);
        assertEquals(1, show(data, "--unless-in", data.toString()).code);
    }

    @Test
    void whatIsDamagedIsToldAndTheRestIsPrinted() throws Exception {
        setAside(entry(4, 3, "CREATE TABLE FIRST(ID INT)"), entry(4, 4, "CREATE TABLE BAD(ID INT)"));
        Path file = data.resolve("tails").resolve("4-9-3.tail");
        byte[] bytes = Files.readAllBytes(file);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("BAD");
        bytes[at] ^= 1;
        Files.write(file, bytes);
        setAside(entry(4, 5, "CREATE TABLE NEXT(ID INT)"));
        Files.writeString(data.resolve("tails").resolve("4-9-7.tail"), "something else, longer than a header");
        Said said = show(data, "--tails");
        assertEquals(1, said.code, "not all could be read");
        assertTrue(said.text.contains("CREATE TABLE FIRST"), said.text);
        assertTrue(said.text.contains("4-9-3.tail is damaged at byte "), said.text);
        assertTrue(said.text.contains("CREATE TABLE NEXT"), said.text);
        assertTrue(said.text.contains("4-9-7.tail cannot be read: "), said.text);
    }
}
