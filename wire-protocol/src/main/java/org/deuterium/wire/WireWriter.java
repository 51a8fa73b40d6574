package org.deuterium.wire;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A growing buffer that messages, rows and log entries are written into. Fixed numbers are big-endian; {@code vInt} and
 * {@code vLong} are LEB128 varints (unsigned, so negative values take the full width; {@code zLong} is zig-zag for
 * signed ones). Not for use by several threads at once.
 */
public final class WireWriter {

    private static final int SMALLEST = 64;

    private byte[] bytes;
    private int size;

    public WireWriter() {
        this(256);
    }

    public WireWriter(int capacity) {
        bytes = new byte[Math.max(capacity, SMALLEST)];
    }

    public int size() {
        return size;
    }

    /** Empties the buffer for its next use; keeps the space. */
    public WireWriter clear() {
        size = 0;
        return this;
    }

    /** Forgets what was written behind a place. */
    public void cutTo(int place) {
        if (place < 0 || place > size) {
            throw new IndexOutOfBoundsException("place " + place + " of " + size + " written bytes");
        }
        size = place;
    }

    /** The backing array, valid from 0 to {@link #size()} until the next write. */
    public byte[] array() {
        return bytes;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** A view of what was written, without copying; valid until the next write. */
    public ByteBuffer toByteBuffer() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    /** Overwrites the four bytes at {@code position}, which must have been written before (a length, a checksum). */
    public void putInt(int position, int value) {
        if (position < 0 || position + 4 > size) {
            throw new IndexOutOfBoundsException("position " + position + " of " + size + " written bytes");
        }
        bytes[position] = (byte) (value >>> 24);
        bytes[position + 1] = (byte) (value >>> 16);
        bytes[position + 2] = (byte) (value >>> 8);
        bytes[position + 3] = (byte) value;
    }

    public WireWriter writeByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
        return this;
    }

    public WireWriter writeBoolean(boolean value) {
        return writeByte(value ? 1 : 0);
    }

    public WireWriter writeShort(int value) {
        reserve(2);
        bytes[size++] = (byte) (value >>> 8);
        bytes[size++] = (byte) value;
        return this;
    }

    public WireWriter writeInt(int value) {
        reserve(4);
        size += 4;
        putInt(size - 4, value);
        return this;
    }

    public WireWriter writeLong(long value) {
        return writeInt((int) (value >>> 32)).writeInt((int) value);
    }

    public WireWriter writeDouble(double value) {
        return writeLong(Double.doubleToRawLongBits(value));
    }

    public WireWriter writeFloat(float value) {
        return writeInt(Float.floatToRawIntBits(value));
    }

    public WireWriter writeVInt(int value) {
        return writeVLong(value & 0xffff_ffffL);
    }

    public WireWriter writeVLong(long value) {
        reserve(10);
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
        return this;
    }

    public WireWriter writeZLong(long value) {
        return writeVLong((value << 1) ^ (value >> 63));
    }

    /** {@link WireText}, which is UTF-8 for all whole characters, after its length in bytes. */
    public WireWriter writeString(String value) {
        int length = value.length();
        reserve(length + 5);
        int start = size;
        if (length < 0x80 && writeAscii(value, length)) {
            return this;
        }
        size = start;
        return writeBytes(WireText.encode(value));
    }

    private boolean writeAscii(String value, int length) {
        bytes[size++] = (byte) length;
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                return false;
            }
            bytes[size++] = (byte) c;
        }
        return true;
    }

    public WireWriter writeNullableString(@Nullable String value) {
        writeBoolean(value != null);
        return value == null ? this : writeString(value);
    }

    /** Bytes after their length. */
    public WireWriter writeBytes(byte[] value) {
        return writeVInt(value.length).writeRaw(value, 0, value.length);
    }

    /** Bytes without a length. */
    public WireWriter writeRaw(byte[] value, int from, int length) {
        reserve(length);
        System.arraycopy(value, from, bytes, size, length);
        size += length;
        return this;
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max((long) size + more, bytes.length * 2L);
            if ((long) size + more > Integer.MAX_VALUE - 8) {
                throw new IllegalStateException(
                        "a message of more than 2 GB: " + size + " bytes and " + more + " more");
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 8));
        }
    }
}
