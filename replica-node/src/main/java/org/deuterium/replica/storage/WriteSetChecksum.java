package org.deuterium.replica.storage;

import java.util.zip.CRC32C;
import org.deuterium.wire.WireWriter;

/**
 * A checksum of the rows a transaction changed: their tables, row keys, and values before and after. The order in which
 * they were changed does not count, since two replicas may find the rows of one statement in another order.
 */
final class WriteSetChecksum {

    private final CRC32C crc = new CRC32C();
    private long sum;
    private int rows;

    /** Adds a row: the bytes written since {@code from}; {@code table} tells the rows of two tables apart. */
    void add(int table, WireWriter written, int from) {
        crc.reset();
        crc.update(written.array(), from, written.size() - from);
        sum += mixed(crc.getValue() ^ ((long) table << Integer.SIZE));
        rows++;
    }

    /** The finalizer of MurmurHash3: rows that differ in one bit add quite different numbers. */
    private static long mixed(long value) {
        long mixing = value;
        mixing = (mixing ^ (mixing >>> 33)) * 0xff51afd7ed558ccdL;
        mixing = (mixing ^ (mixing >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return mixing ^ (mixing >>> 33);
    }

    long sum() {
        return sum;
    }

    int rows() {
        return rows;
    }
}
