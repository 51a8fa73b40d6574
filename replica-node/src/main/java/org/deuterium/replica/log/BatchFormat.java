package org.deuterium.replica.log;

import java.util.zip.CRC32C;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * How a batch of records lies in a segment: header, records, table of partitions, checksums.
 *
 * <pre>
 * int magic | int bodyBytes | int partitions | long sequence | int previousChecksum | int headerChecksum
 * body
 * int partition ... | int tableChecksum | int checksum | zeros up to a multiple of 8
 * </pre>
 *
 * The table of partitions has a checksum of its own, so that damage in the body names the partitions it concerns. Every
 * checksum starts from the segment's random salt: a payload that contains the image of a batch is never taken for one.
 */
final class BatchFormat {

    static final int MAGIC = 0x44_32_4c_42;
    static final int HEADER_BYTES = 28;
    static final int ALIGNMENT = 8;

    private BatchFormat() {}

    /** What a header says, once its checksum was found right. */
    record Header(int bodyBytes, int partitions, long sequence, int previousChecksum) {

        long totalBytes() {
            return aligned(HEADER_BYTES + (long) bodyBytes + 4L * partitions + 8);
        }

        int tableOffset() {
            return HEADER_BYTES + bodyBytes;
        }

        int checksumOffset() {
            return tableOffset() + 4 * partitions + 4;
        }
    }

    /** Reserves the header in an empty buffer; records follow. */
    static void begin(WireWriter batch) {
        batch.clear();
        batch.writeLong(0).writeLong(0).writeLong(0).writeInt(0);
    }

    /** Completes a batch in place and returns its checksum, which the next batch carries. */
    static int seal(WireWriter batch, int[] table, int partitions, long sequence, int previousChecksum, long salt) {
        int bodyBytes = batch.size() - HEADER_BYTES;
        batch.putInt(0, MAGIC);
        batch.putInt(4, bodyBytes);
        batch.putInt(8, partitions);
        batch.putInt(12, (int) (sequence >>> 32));
        batch.putInt(16, (int) sequence);
        batch.putInt(20, previousChecksum);
        batch.putInt(24, checksum(salt, batch.array(), 0, 24));
        int tableStart = batch.size();
        for (int i = 0; i < partitions; i++) {
            batch.writeInt(table[i]);
        }
        batch.writeInt(checksum(salt, batch.array(), tableStart, 4 * partitions));
        int checksum = checksum(salt, batch.array(), 0, batch.size());
        batch.writeInt(checksum);
        while (batch.size() % ALIGNMENT != 0) {
            batch.writeByte(0);
        }
        return checksum;
    }

    /** Reads the header at {@code offset}, or returns null if there is no sound one. */
    static @Nullable Header header(byte[] bytes, int offset, long salt) {
        if (bytes.length - offset < HEADER_BYTES || intAt(bytes, offset) != MAGIC) {
            return null;
        }
        if (checksum(salt, bytes, offset, 24) != intAt(bytes, offset + 24)) {
            return null;
        }
        WireReader in = new WireReader(bytes, offset + 4, 20);
        Header header = new Header(in.readInt(), in.readInt(), in.readLong(), in.readInt());
        return header.bodyBytes < 0 || header.partitions < 0 ? null : header;
    }

    /** True if the table of partitions of this batch is as it was written. */
    static boolean tableIsSound(byte[] bytes, int offset, Header header, long salt) {
        int start = offset + header.tableOffset();
        int length = 4 * header.partitions;
        return checksum(salt, bytes, start, length) == intAt(bytes, start + length);
    }

    /** True if the whole batch is as it was written. */
    static boolean isSound(byte[] bytes, int offset, Header header, long salt) {
        int length = header.checksumOffset();
        return checksum(salt, bytes, offset, length) == intAt(bytes, offset + length);
    }

    static int checksum(long salt, byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        for (int shift = 56; shift >= 0; shift -= 8) {
            crc.update((int) (salt >>> shift) & 0xff);
        }
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    static int intAt(byte[] bytes, int offset) {
        return ((bytes[offset] & 0xff) << 24)
                | ((bytes[offset + 1] & 0xff) << 16)
                | ((bytes[offset + 2] & 0xff) << 8)
                | (bytes[offset + 3] & 0xff);
    }

    static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
