package org.deuterium.transport;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.MessageCodec;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into frames. Each payload is copied once, out of the network buffer into an array of its own,
 * which the message may keep. A large payload's array grows with what has arrived, so that a length alone, from
 * somebody who never sends the rest, takes no memory.
 */
final class FrameReader {

    /** Takes the frames in the order they arrive. */
    interface Sink {

        void onFrame(int code, int correlation, byte[] payload);

        /** False when no further frame shall be delivered; what is left is thrown away. */
        boolean wantsMore();
    }

    private static final int LENGTH_BYTES = Integer.BYTES;
    private static final int SHORTEST_LENGTH = MessageCodec.HEADER_BYTES - LENGTH_BYTES;
    private static final int FIRST_ALLOCATION = 256 << 10;

    private final byte[] header = new byte[MessageCodec.HEADER_BYTES];
    private int headerBytes;
    private byte @Nullable [] payload;
    private int payloadBytes;
    private int payloadLength;
    private int limit;

    FrameReader(int limit) {
        this.limit = limit;
    }

    /** Changes the largest size of a frame, its length included, from the next frame on. */
    void limit(int bytes) {
        limit = bytes;
    }

    /**
     * Delivers every frame that {@code in} completes and keeps the beginning of the next one.
     *
     * @throws MalformedMessageException if a length is impossible; the stream cannot be read any further
     */
    void read(ByteBuf in, Sink sink) {
        while (sink.wantsMore() && in.isReadable()) {
            if (headerBytes < header.length) {
                readHeader(in);
            }
            if (headerBytes == header.length) {
                readPayload(in, sink);
            }
        }
    }

    private void readHeader(ByteBuf in) {
        int before = headerBytes;
        int count = Math.min(header.length - headerBytes, in.readableBytes());
        in.readBytes(header, headerBytes, count);
        headerBytes += count;
        if (before < LENGTH_BYTES && headerBytes >= LENGTH_BYTES) {
            int length = intAt(0);
            if (length < SHORTEST_LENGTH || length > limit - LENGTH_BYTES) {
                throw new MalformedMessageException("a frame of " + (length & 0xffff_ffffL) + " bytes; between "
                        + SHORTEST_LENGTH + " and " + (limit - LENGTH_BYTES) + " are accepted here");
            }
            payloadLength = length - SHORTEST_LENGTH;
        }
    }

    private void readPayload(ByteBuf in, Sink sink) {
        byte[] target = payload;
        if (target == null) {
            boolean complete = in.readableBytes() >= payloadLength;
            target = new byte[complete ? payloadLength : Math.min(payloadLength, FIRST_ALLOCATION)];
        }
        int count = Math.min(payloadLength - payloadBytes, in.readableBytes());
        if (target.length < payloadBytes + count) {
            int grown = (int) Math.min(payloadLength, Math.max(2L * target.length, (long) payloadBytes + count));
            target = Arrays.copyOf(target, grown);
        }
        in.readBytes(target, payloadBytes, count);
        payloadBytes += count;
        if (payloadBytes < payloadLength) {
            payload = target;
            return;
        }
        payload = null;
        payloadBytes = 0;
        headerBytes = 0;
        sink.onFrame(header[LENGTH_BYTES] & 0xff, intAt(LENGTH_BYTES + 1), target);
    }

    private int intAt(int position) {
        return ((header[position] & 0xff) << 24)
                | ((header[position + 1] & 0xff) << 16)
                | ((header[position + 2] & 0xff) << 8)
                | (header[position + 3] & 0xff);
    }
}
