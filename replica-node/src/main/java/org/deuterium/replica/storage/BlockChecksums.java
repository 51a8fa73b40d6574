package org.deuterium.replica.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * CRC-32C of each block of H2's file, kept in a file beside it: H2 itself checks the heads of its pages and chunks, not
 * what is in them. A sum is on disk only for a block that was in use at the last sync; one that is written over is first
 * taken back. So a crash at any moment leaves blocks without a sum, never a sound block with a wrong one. Thread-safe.
 */
final class BlockChecksums implements AutoCloseable {

    static final int BLOCK_BYTES = 4096;

    /** The header, which has a checksum of its own and is written in place. */
    private static final int UNCHECKED_BLOCKS = 2;

    private static final int UNKNOWN = 0;
    private static final int MAGIC = 0x44355355;

    private final FileChannel channel;
    private final BitSet onDisk = new BitSet();
    private final BitSet changed = new BitSet();
    private int[] sums;

    /** Opens the sums of a file of {@code blocks} blocks; there need not be any. */
    BlockChecksums(Path file, int blocks) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        sums = new int[Math.max(64, blocks)];
        ByteBuffer bytes = ByteBuffer.allocate(Math.min((int) channel.size(), sums.length * Integer.BYTES));
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {}
        bytes.flip();
        if (bytes.remaining() < Integer.BYTES || bytes.getInt() != MAGIC) {
            channel.truncate(0);
            write(0, MAGIC);
        } else {
            for (int block = 1; bytes.remaining() >= Integer.BYTES; block++) {
                sums[block] = bytes.getInt();
                onDisk.set(block, sums[block] != UNKNOWN);
            }
        }
    }

    static int sum(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, BLOCK_BYTES);
        int sum = (int) crc.getValue();
        return sum == UNKNOWN ? 1 : sum;
    }

    /** True if the block is as it was written, or its sum is not known. */
    synchronized boolean isSound(int block, int sum) {
        return block < UNCHECKED_BLOCKS || block >= sums.length || sums[block] == UNKNOWN || sums[block] == sum;
    }

    /** Blocks from {@code first} on are about to be written over: what the disk says of them is taken back first. */
    synchronized void beforeWrite(int first, int count) throws IOException {
        boolean taken = false;
        for (int block = Math.max(first, UNCHECKED_BLOCKS); block < first + count; block++) {
            if (onDisk.get(block)) {
                onDisk.clear(block);
                write(block, UNKNOWN);
                taken = true;
            }
        }
        if (taken) {
            channel.force(false);
        }
    }

    synchronized void written(int block, int sum) {
        if (block >= UNCHECKED_BLOCKS) {
            if (block >= sums.length) {
                sums = Arrays.copyOf(sums, Math.max(block + 1, sums.length * 2));
            }
            sums[block] = sum;
            changed.set(block);
        }
    }

    /** A block that was found without a sum, and is taken as it is. */
    synchronized void adopt(int block, int sum) {
        if (block >= UNCHECKED_BLOCKS && (block >= sums.length || sums[block] == UNKNOWN)) {
            written(block, sum);
        }
    }

    /** The blocks in {@code used} were synced; those that are not may be written over at any time. */
    synchronized void synced(BitSet used) throws IOException {
        boolean wrote = false;
        for (int block = changed.nextSetBit(0); block >= 0; block = changed.nextSetBit(block + 1)) {
            if (used.get(block)) {
                write(block, sums[block]);
                onDisk.set(block);
                wrote = true;
            }
        }
        changed.clear();
        for (int block = onDisk.nextSetBit(0); block >= 0; block = onDisk.nextSetBit(block + 1)) {
            if (!used.get(block)) {
                write(block, UNKNOWN);
                onDisk.clear(block);
                wrote = true;
            }
        }
        if (wrote) {
            channel.force(false);
        }
    }

    private void write(int block, int value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).putInt(0, value);
        while (bytes.hasRemaining()) {
            channel.write(bytes, (long) block * Integer.BYTES + bytes.position());
        }
    }

    @Override
    public synchronized void close() throws IOException {
        channel.close();
    }
}
