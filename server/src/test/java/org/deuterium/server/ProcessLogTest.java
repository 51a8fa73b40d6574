package org.deuterium.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
}
