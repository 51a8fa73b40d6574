package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Values come from reserved blocks, each once. */
class SequenceCacheTest {

    private ExecutorFixture router;

    @BeforeEach
    void open() throws SQLException {
        router = new ExecutorFixture(1 << 20);
    }

    @AfterEach
    void close() throws SQLException {
        router.close();
    }

    @Test
    void drawsFromBlocksThatGrow() {
        for (int i = 1; i <= 200; i++) {
            assertArrayEquals(new long[] {i}, router.sequences.draw("PUBLIC.S", 1, 1));
        }
        assertEquals(3, router.partitions.seen.size(), "blocks of 32, 64 and 128");
    }

    @Test
    void drawsManyAtOnce() {
        long[] values = router.sequences.draw("PUBLIC.S", 1, 25_000);
        assertArrayEquals(java.util.stream.LongStream.rangeClosed(1, 25_000).toArray(), values);
        assertTrue(router.partitions.seen.size() <= 4, "asked " + router.partitions.seen.size() + " times");
    }

    @Test
    void givesUpItsBlocksWhenTheSchemaChanges() {
        assertArrayEquals(new long[] {1}, router.sequences.draw("PUBLIC.S", 1, 1));
        assertArrayEquals(new long[] {33}, router.sequences.draw("PUBLIC.S", 2, 1));
    }

    @Test
    void neverGivesAValueTwice() {
        Set<Long> given = ConcurrentHashMap.newKeySet();
        CompletableFuture<?>[] clients = IntStream.range(0, 8)
                .mapToObj(client -> CompletableFuture.runAsync(
                        () -> {
                            for (int i = 0; i < 500; i++) {
                                for (long value : router.sequences.draw("PUBLIC.S", 1, 3)) {
                                    assertTrue(given.add(value), value + " was given twice");
                                }
                            }
                        },
                        router.workers))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(clients).join();
        assertEquals(8 * 500 * 3, given.size());
    }
}
