package org.deuterium.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Text as bytes: UTF-8, and a surrogate without its other half as the three bytes that UTF-8's rule would give it (WTF-8,
 * https://simonsapin.github.io/wtf-8/). Java and H2 count UTF-16 units, so {@code LEFT} or {@code SUBSTRING} can leave half an
 * emoji at the end of a value; UTF-8 alone would make it a question mark, here and not where it is stored.
 */
final class WireText {

    private static final char REPLACEMENT = '\uFFFD';
    private static final int FIRST_OF_SURROGATE = 0xed;

    private WireText() {}

    static byte[] encode(String text) {
        int half = halfFrom(text, 0);
        if (half < 0) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        byte[] bytes = new byte[Math.multiplyExact(text.length(), 3)];
        int size = 0;
        int from = 0;
        while (half >= 0) {
            size = append(bytes, size, text.substring(from, half));
            char c = text.charAt(half);
            bytes[size++] = (byte) FIRST_OF_SURROGATE;
            bytes[size++] = (byte) (0x80 | ((c >> 6) & 0x3f));
            bytes[size++] = (byte) (0x80 | (c & 0x3f));
            from = half + 1;
            half = halfFrom(text, from);
        }
        return Arrays.copyOf(bytes, append(bytes, size, text.substring(from)));
    }

    private static int append(byte[] bytes, int size, String wellFormed) {
        byte[] more = wellFormed.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(more, 0, bytes, size, more.length);
        return size + more.length;
    }

    /** Where the next surrogate without its other half is, or -1. */
    private static int halfFrom(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isLowSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    static String decode(byte[] bytes, int from, int length) {
        String text = new String(bytes, from, length, StandardCharsets.UTF_8);
        // Java reads a surrogate's bytes as replacement characters; looking for one costs nothing in Latin text.
        return text.indexOf(REPLACEMENT) < 0 ? text : decodeHalves(bytes, from, from + length);
    }

    private static String decodeHalves(byte[] bytes, int from, int end) {
        StringBuilder text = new StringBuilder(end - from);
        int start = from;
        for (int i = from; i + 2 < end; i++) {
            if ((bytes[i] & 0xff) == FIRST_OF_SURROGATE
                    && (bytes[i + 1] & 0xe0) == 0xa0
                    && (bytes[i + 2] & 0xc0) == 0x80) {
                text.append(new String(bytes, start, i - start, StandardCharsets.UTF_8));
                text.append((char) (0xd000 | ((bytes[i + 1] & 0x3f) << 6) | (bytes[i + 2] & 0x3f)));
                start = i + 3;
                i += 2;
            }
        }
        return text.append(new String(bytes, start, end - start, StandardCharsets.UTF_8))
                .toString();
    }
}
