package org.deuterium.replica.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
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

    /** Of half a file nobody has anything, and on a full disk it takes the last byte from all others. */
    @Test
    void whatWasWrittenInVainIsGivenBack() throws Exception {
        try (SegmentPreparer preparer = new SegmentPreparer(directory, 4096, new InterruptedWriter())) {
            preparer.prepare();
        } // it was tried, and an interrupted thread cannot write
        assertFalse(Files.exists(directory.resolve("prepared.segment")));
    }

    @Test
    void aDiskThatTakesNothingIsTold() throws Exception {
        try (SegmentPreparer preparer = new SegmentPreparer(directory.resolve("log"), 4096)) {
            assertThrows(IOException.class, preparer::take);
        }
    }

    /** Can make files, but not write into them. */
    private static final class InterruptedWriter extends ThreadPoolExecutor {

        InterruptedWriter() {
            super(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        }

        @Override
        protected void beforeExecute(Thread thread, Runnable task) {
            thread.interrupt();
        }
    }
}
