package org.deuterium.replica.storage;

import java.util.concurrent.locks.StampedLock;

/**
 * The door between writers and the store of H2's file. H2 stores one map after another, so a store is only consistent
 * while nobody writes: every statement that may write and every commit passes shared, a store exclusively. Pure reads
 * need no gate. Nobody waits inside it for a lock (beyond a few milliseconds), an acknowledgement or another node.
 */
final class CheckpointGate {

    private final StampedLock lock = new StampedLock();

    /** Enters beside other writers; the stamp is for {@link #leave}. */
    long enter() {
        return lock.readLock();
    }

    void leave(long stamp) {
        lock.unlockRead(stamp);
    }

    /** Enters alone; the stamp is for {@link #open}. */
    long close() {
        return lock.writeLock();
    }

    void open(long stamp) {
        lock.unlockWrite(stamp);
    }
}
