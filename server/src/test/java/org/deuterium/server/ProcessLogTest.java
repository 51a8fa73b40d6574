package org.deuterium.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the output of a node's process goes, and what is kept of earlier runs. */
class ProcessLogTest {

    private final String before = System.getProperty("org.slf4j.simpleLogger.logFile", "System.err");

    @AfterEach
    void logWhereItWas() {
        System.setProperty("org.slf4j.simpleLogger.logFile", before);
    }

    @Test
    void theLogsOfNineEarlierRunsAreKept(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("node.log");
        for (int run = 1; run <= 11; run++) {
            ProcessLog.toFile(log);
            assertFalse(Files.exists(log), "each run has a file of its own");
            Files.writeString(log, "run " + run);
        }
        ProcessLog.toFile(log);
        assertEquals("run 11", Files.readString(directory.resolve("node.log.1")));
        assertEquals("run 3", Files.readString(directory.resolve("node.log.9")));
        assertFalse(Files.exists(directory.resolve("node.log.10")));
    }

    /** A second node on a directory in use is refused; the running one's log is neither cut nor moved away. */
    @Test
    void anotherProcesssLogIsLeftAlone(@TempDir Path directory) throws Exception {
        Path log = directory.resolve("node.log");
        Process second = null;
        ProcessLog.toFile(log);
        Files.writeString(log, "runs");
        try {
            second = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            DeuteriumMain.class.getName(),
                            "node",
                            "--id=node1",
                            "--zookeeper=127.0.0.1:1",
                            "--listen=127.0.0.1:0",
                            "--data=" + directory)
                    .redirectErrorStream(true)
                    .start();
            String said = new String(second.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(1, second.waitFor(), said);
            assertTrue(said.contains(directory + " is in use by another process"), said);
        } finally {
            if (second != null) {
                second.destroyForcibly();
            }
        }
        assertEquals("runs", Files.readString(log));
        assertFalse(Files.exists(directory.resolve("node.log.1")));
    }
}
