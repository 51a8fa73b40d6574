package org.deuterium.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is read again, and what nobody wrote is refused before it costs memory. */
class WireBufferTest {

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                -1,
                63,
                64,
                127,
                128,
                -64,
                -65,
                Integer.MAX_VALUE,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void numbersComeBack(long value) {
        WireWriter out = new WireWriter(1);
        out.writeZLong(value)
                .writeVLong(value)
                .writeLong(value)
                .writeInt((int) value)
                .writeVInt((int) value);
        out.writeShort((int) value).writeByte((int) value).writeDouble(value).writeFloat(value);
        WireReader in = new WireReader(out.toByteArray());
        assertEquals(value, in.readZLong());
        assertEquals(value, in.readVLong());
        assertEquals(value, in.readLong());
        assertEquals((int) value, in.readInt());
        assertEquals((int) value, in.readVInt());
        assertEquals((short) value, in.readShort());
        assertEquals((byte) value, in.readByte());
        assertEquals((double) value, in.readDouble());
        assertEquals((float) value, in.readFloat());
        assertEquals(0, in.remaining());
    }

    @Test
    void textsComeBack() {
        String[] texts = {
            "",
            "plain",
            "x".repeat(127),
            "x".repeat(128),
            "ünïcödé",
            "a".repeat(126) + "é",
            "\uD83D\uDE00",
            "cut \uD83D",
            "\uDE00 cut",
            "\uDE00\uD83D\uD83D\uDE00\uFFFD\uDBFF\uD800",
            "x".repeat(1 << 20)
        };
        WireWriter out = new WireWriter();
        for (String text : texts) {
            out.writeString(text).writeNullableString(text);
        }
        out.writeNullableString(null);
        WireReader in = new WireReader(out.toByteArray());
        for (String text : texts) {
            assertEquals(text, in.readString());
            assertEquals(text, in.readNullableString());
        }
        assertNull(in.readNullableString());
    }

    @Test
    void aLengthBeyondTheMessageIsRefusedBeforeItIsAllocated() {
        byte[] twoGigabytes = new WireWriter().writeVInt(Integer.MAX_VALUE).toByteArray();
        assertThrows(MalformedMessageException.class, () -> new WireReader(twoGigabytes).readBytes());
        assertThrows(MalformedMessageException.class, () -> new WireReader(twoGigabytes).readString());
        byte[] negative = new WireWriter().writeVLong(0xffff_ffffL).toByteArray();
        assertThrows(MalformedMessageException.class, () -> new WireReader(negative).readCount());
        byte[] endless = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
        assertThrows(MalformedMessageException.class, () -> new WireReader(endless).readVLong());
    }

    @Test
    void randomBytesNeverDoAnythingButFailCleanly() {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            WireReader in = new WireReader(bytes);
            try {
                while (in.remaining() > 0) {
                    switch (random.nextInt(5)) {
                        case 0 -> in.readString();
                        case 1 -> in.readBytes();
                        case 2 -> in.readVLong();
                        case 3 -> in.readLong();
                        default -> in.readNullableString();
                    }
                }
            } catch (MalformedMessageException expected) {
                assertEquals(true, expected.getMessage().length() > 10);
            }
        }
    }

    @Test
    void aLaterLengthCanBePutInPlace() {
        WireWriter out = new WireWriter();
        out.writeInt(0).writeString("body");
        out.putInt(0, 5);
        assertEquals(5, new WireReader(out.toByteArray()).readInt());
        assertThrows(IndexOutOfBoundsException.class, () -> out.putInt(out.size() - 3, 1));
        assertArrayEquals(out.toByteArray(), java.util.Arrays.copyOf(out.array(), out.size()));
    }
}
