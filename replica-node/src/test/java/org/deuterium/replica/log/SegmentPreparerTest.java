package org.deuterium.replica.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The next file of the log, written ahead of need on a disk that does not always take it. */
class SegmentPreparerTest {

    @TempDir
    Path directory;

    @Test
    void aFileThatCouldNotBeWrittenThenIsWrittenWhenItIsNeeded() throws Exception {
        Path log = directory.resolve("log");
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try (SegmentPreparer preparer = new SegmentPreparer(log, 4096, writer)) {
            preparer.prepare();
            writer.submit(() -> {}).get(); // it was tried, and failed: there is no such directory
            Files.createDirectory(log);
            assertEquals(4096, Files.size(preparer.take()));
        }
    }

    @Test
    void aDiskThatTakesNothingIsTold() throws Exception {
        try (SegmentPreparer preparer = new SegmentPreparer(directory.resolve("log"), 4096)) {
            assertThrows(IOException.class, preparer::take);
        }
    }
}
