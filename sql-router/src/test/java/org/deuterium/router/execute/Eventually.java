package org.deuterium.router.execute;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what happens on another thread and has no answer to wait for. */
public final class Eventually {

    private Eventually() {}

    public static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                fail("what was waited for did not happen in a minute");
            }
            LockSupport.parkNanos(200_000);
        }
    }
}
