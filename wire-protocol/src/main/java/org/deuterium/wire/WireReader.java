package org.deuterium.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link WireWriter} wrote. Every length is checked against what is left before anything is allocated, so
 * hostile bytes end in a {@link MalformedMessageException}, never in an OutOfMemoryError.
 */
public final class WireReader {

    private final byte[] bytes;
    private final int end;
    private int position;

    public WireReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    public WireReader(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.position = from;
        this.end = from + length;
    }

    public int remaining() {
        return end - position;
    }

    public int position() {
        return position;
    }

    public byte[] array() {
        return bytes;
    }

    public void skip(int count) {
        need(count);
        position += count;
    }

    public int readByte() {
        need(1);
        return bytes[position++];
    }

    public boolean readBoolean() {
        return readByte() != 0;
    }

    public int readShort() {
        need(2);
        int value = (bytes[position] << 8) | (bytes[position + 1] & 0xff);
        position += 2;
        return value;
    }

    public int readInt() {
        need(4);
        int value = ((bytes[position] & 0xff) << 24)
                | ((bytes[position + 1] & 0xff) << 16)
                | ((bytes[position + 2] & 0xff) << 8)
                | (bytes[position + 3] & 0xff);
        position += 4;
        return value;
    }

    public long readLong() {
        long high = readInt();
        return (high << 32) | (readInt() & 0xffff_ffffL);
    }

    public double readDouble() {
        return Double.longBitsToDouble(readLong());
    }

    public float readFloat() {
        return Float.intBitsToFloat(readInt());
    }

    public int readVInt() {
        long value = readVLong();
        if (value >>> 32 != 0) {
            throw new MalformedMessageException("number " + value + " does not fit 32 bits at byte " + position);
        }
        return (int) value;
    }

    public long readVLong() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int b = readByte();
            value |= (b & 0x7fL) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedMessageException("a number of more than 10 bytes at byte " + position);
    }

    public long readZLong() {
        long value = readVLong();
        return (value >>> 1) ^ -(value & 1);
    }

    /** A count of things that take at least one byte each. */
    public int readCount() {
        int count = readVInt();
        if (count < 0 || count > remaining()) {
            throw new MalformedMessageException("count " + count + " with " + remaining() + " bytes left");
        }
        return count;
    }

    public String readString() {
        int length = readCount();
        String value = WireText.decode(bytes, position, length);
        position += length;
        return value;
    }

    public @Nullable String readNullableString() {
        return readBoolean() ? readString() : null;
    }

    public byte[] readBytes() {
        int length = readCount();
        return readRaw(length);
    }

    /** {@code length} bytes that have no length written before them. */
    public byte[] readRaw(int length) {
        need(length);
        byte[] value = Arrays.copyOfRange(bytes, position, position + length);
        position += length;
        return value;
    }

    private void need(int count) {
        if (count < 0 || end - position < count) {
            throw new MalformedMessageException("the message ends early: " + count + " bytes wanted at byte " + position
                    + ", " + (end - position) + " left");
        }
    }
}
