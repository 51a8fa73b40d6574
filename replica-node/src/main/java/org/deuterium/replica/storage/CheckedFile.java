package org.deuterium.replica.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.function.Supplier;
import org.h2.store.fs.FileBaseDefault;
import org.jspecify.annotations.Nullable;

/** H2's file, each block of which is held against its checksum when it is read. A damaged one is not read at all. */
final class CheckedFile extends FileBaseDefault {

    private static final int BLOCK = BlockChecksums.BLOCK_BYTES;

    private final FileChannel base;
    private final Path path;
    private final BlockChecksums sums;
    private volatile boolean watching;
    private volatile @Nullable String damage;

    CheckedFile(FileChannel base, Path path) throws IOException {
        this.base = base;
        this.path = path;
        this.sums = new BlockChecksums(
                path.resolveSibling(path.getFileName() + ".sums"), Math.toIntExact(base.size() / BLOCK + 1));
    }

    /** From now on a damaged block is remembered. Before, while H2 looks for its newest version, torn ones are normal. */
    void watch() {
        watching = true;
    }

    /** What was found damaged, or null. */
    @Nullable
    String damage() {
        return damage;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
        long start = position / BLOCK * BLOCK;
        long end = (position + target.remaining() + BLOCK - 1) / BLOCK * BLOCK;
        byte[] blocks = new byte[Math.toIntExact(end - start)];
        int length = readBase(blocks, start);
        int skip = (int) (position - start);
        if (length <= skip) {
            return target.hasRemaining() ? -1 : 0;
        }
        check(blocks, start, length);
        int count = Math.min(target.remaining(), length - skip);
        target.put(blocks, skip, count);
        return count;
    }

    private int readBase(byte[] blocks, long start) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(blocks);
        while (buffer.hasRemaining()) {
            if (base.read(buffer, start + buffer.position()) < 0) {
                break;
            }
        }
        return buffer.position();
    }

    private void check(byte[] blocks, long start, int length) throws IOException {
        for (int at = 0; at + BLOCK <= length; at += BLOCK) {
            int block = Math.toIntExact((start + at) / BLOCK);
            if (!sums.isSound(block, BlockChecksums.sum(blocks, at)) && !isSound(block, new byte[BLOCK], false)) {
                throw damaged(block);
            }
        }
    }

    private IOException damaged(int block) {
        String what = "block " + block + " of " + path + " does not have its checksum";
        if (watching && damage == null) {
            damage = what;
        }
        return new IOException(what);
    }

    /**
     * Holds blocks from {@code first} on against their checksums, and takes those as they are that have none yet.
     *
     * @param inUse which blocks matter; asked again when one is found different, for it may have been freed meanwhile
     */
    void verify(int first, int count, Supplier<BitSet> inUse) throws IOException {
        BitSet used = inUse.get();
        byte[] bytes = new byte[BLOCK];
        for (int block = used.nextSetBit(first);
                block >= 0 && block < first + count;
                block = used.nextSetBit(block + 1)) {
            if (!isSound(block, bytes, true) && inUse.get().get(block)) {
                throw damaged(block);
            }
        }
    }

    /** Synchronized with {@link #write}, so that a block is not looked at while it is being written. */
    private synchronized boolean isSound(int block, byte[] bytes, boolean adopt) throws IOException {
        if (readBase(bytes, (long) block * BLOCK) < BLOCK) {
            return false; // the file was cut
        }
        int sum = BlockChecksums.sum(bytes, 0);
        boolean sound = sums.isSound(block, sum);
        if (sound && adopt) {
            sums.adopt(block, sum);
        }
        return sound;
    }

    /** Everything written is synced; {@code used} blocks are those a reopened database needs. */
    void synced(BitSet used) throws IOException {
        sums.synced(used);
    }

    @Override
    public synchronized int write(ByteBuffer source, long position) throws IOException {
        int first = Math.toIntExact(position / BLOCK);
        int count = Math.toIntExact((position + source.remaining() + BLOCK - 1) / BLOCK) - first;
        sums.beforeWrite(first, count);
        int written = source.remaining();
        boolean aligned = position % BLOCK == 0 && written % BLOCK == 0;
        ByteBuffer content = source.duplicate();
        long at = position;
        while (source.hasRemaining()) {
            at += base.write(source, at);
        }
        byte[] bytes = new byte[BLOCK];
        for (int block = first; block < first + count; block++) {
            if (aligned) {
                content.get(bytes);
            } else if (readBase(bytes, (long) block * BLOCK) < BLOCK) {
                continue; // the end of a file that does not end with a block
            }
            sums.written(block, BlockChecksums.sum(bytes, 0));
        }
        return written;
    }

    @Override
    public long size() throws IOException {
        return base.size();
    }

    @Override
    protected void implTruncate(long size) throws IOException {
        base.truncate(size);
    }

    @Override
    public void force(boolean metaData) throws IOException {
        base.force(metaData);
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) throws IOException {
        return base.tryLock(position, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
        try {
            sums.close();
        } finally {
            base.close();
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
