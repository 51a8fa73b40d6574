package org.deuterium.replica.storage;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.h2.mvstore.FileStore;
import org.h2.mvstore.FreeSpaceBitSet;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.RandomAccessStore;
import org.jspecify.annotations.Nullable;

/**
 * The first two blocks of H2's file, where an open after a crash begins its search for the newest version. H2 2.5 writes
 * them, when it does, before it takes note of the chunk it has just written: they name the chunk before, and the newest
 * is not found if it does not lie where that one predicted. So the header is written once more after every store.
 */
final class StoreHeader {

    static final int BYTES = 2 * 4096;

    private final FileStore<?> file;
    private final ReentrantLock chunkLock;
    private final Method write;
    private final Method lengthInUse;

    StoreHeader(MVStore store) {
        file = store.getFileStore();
        chunkLock = PrivateFields.read(file, "saveChunkLock", ReentrantLock.class);
        try {
            write = RandomAccessStore.class.getDeclaredMethod("writeStoreHeader");
            write.setAccessible(true);
            lengthInUse = RandomAccessStore.class.getDeclaredMethod("getFileLengthInUse");
            lengthInUse.setAccessible(true);
        } catch (ReflectiveOperationException e) {
            throw new StorageFailedException("this H2 version writes its file's header in another way", e);
        }
    }

    /** Makes the header name the newest chunk; after a store, in the same closed gate. */
    void nameNewestChunk() {
        invoke(write);
    }

    /** Where the last chunk ends; what may follow in the file is free. */
    long bytesInUse() {
        return (Long) Objects.requireNonNull(invoke(lengthInUse));
    }

    private @Nullable Object invoke(Method method) {
        chunkLock.lock();
        try {
            return method.invoke(file);
        } catch (InvocationTargetException e) {
            throw new StorageFailedException(
                    "the header of " + file + " cannot be read or written", Objects.requireNonNull(e.getCause()));
        } catch (IllegalAccessException e) {
            throw new StorageFailedException("this H2 version writes its file's header in another way", e);
        } finally {
            chunkLock.unlock();
        }
    }

    /** Which blocks chunks lie in. */
    BitSet blocksInUse() {
        chunkLock.lock();
        try {
            Object free = PrivateFields.read(file, "freeSpace", FreeSpaceBitSet.class);
            return (BitSet) PrivateFields.read(free, "set", BitSet.class).clone();
        } finally {
            chunkLock.unlock();
        }
    }

    /** The channel H2 reads and writes the file by. */
    CheckedFile channel() {
        return PrivateFields.read(file, "fileChannel", CheckedFile.class);
    }

    /** The header as it is now; later stores write over it. */
    byte[] blocks() {
        chunkLock.lock();
        try {
            ByteBuffer read = file.readFully(null, 0, BYTES);
            byte[] blocks = new byte[BYTES];
            read.get(blocks);
            return blocks;
        } finally {
            chunkLock.unlock();
        }
    }
}
