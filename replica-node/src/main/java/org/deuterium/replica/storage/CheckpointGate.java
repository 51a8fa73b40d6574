package org.deuterium.replica.storage;

import java.util.concurrent.locks.StampedLock;

/**
 * The door between writers and the store of H2's file. H2 stores one map after another, so a store is only consistent
 * while nobody writes: every statement that may write and every commit passes shared, a store exclusively. Pure reads
 * need no gate. Nobody waits inside it for a lock (beyond a few milliseconds), an acknowledgement or another node.
 */
final class CheckpointGate {

    private final StampedLock lock = new StampedLock();

    /** Somebody waits to enter alone: those who only try must let him, or he would wait for ever. */
    private volatile boolean closing;

    /** Enters beside other writers if nobody is alone inside, or waits to be; the stamp is 0 if not. Never blocks. */
    long tryEnter() {
        return closing ? 0 : lock.tryReadLock();
    }

    /** True while somebody waits to enter alone. */
    boolean isClosing() {
        return closing;
    }

    /** Enters beside other writers; the stamp is for {@link #leave}. */
    long enter() {
        return lock.readLock();
    }

    void leave(long stamp) {
        lock.unlockRead(stamp);
    }

    /** True if a writer would most likely enter at once: a hint for threads that had better not wait. */
    boolean isOpen() {
        return !lock.isWriteLocked();
    }

    /** Enters alone; the stamp is for {@link #open}. */
    long close() {
        closing = true; // one closes at a time: whoever does holds the database's maintenance lock
        try {
            return lock.writeLock();
        } finally {
            closing = false;
        }
    }

    void open(long stamp) {
        lock.unlockWrite(stamp);
    }
}
