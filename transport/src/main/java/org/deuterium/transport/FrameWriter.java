package org.deuterium.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.concurrent.FastThreadLocal;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireWriter;

/** Turns messages into network buffers, each with one copy out of a writer that its thread uses again and again. */
final class FrameWriter {

    /** A writer that had to grow beyond this is not kept: one large message must not hold memory for good. */
    private static final int KEPT_BYTES = 1 << 20;

    /** A transport's own sign of life, asked for by clients and sent back by servers; no message has code 0. */
    static final int KEEP_ALIVE_CODE = 0;

    private static final FastThreadLocal<WireWriter> WRITER = new FastThreadLocal<>() {
        @Override
        protected WireWriter initialValue() {
            return new WireWriter(4096);
        }
    };

    private FrameWriter() {}

    /**
     * The frame of a message.
     *
     * @throws org.deuterium.wire.OversizedMessageException if it is larger than a frame may be
     */
    static ByteBuf frame(ByteBufAllocator allocator, int correlation, Message message) {
        WireWriter writer = WRITER.get().clear();
        try {
            MessageCodec.encodeFrame(message, correlation, writer);
            ByteBuf frame = allocator.directBuffer(writer.size(), writer.size());
            return frame.writeBytes(writer.array(), 0, writer.size());
        } finally {
            if (writer.array().length > KEPT_BYTES) {
                WRITER.remove();
            }
        }
    }

    static ByteBuf keepAlive(ByteBufAllocator allocator) {
        ByteBuf frame = allocator.directBuffer(MessageCodec.HEADER_BYTES, MessageCodec.HEADER_BYTES);
        return frame.writeInt(MessageCodec.HEADER_BYTES - Integer.BYTES)
                .writeByte(KEEP_ALIVE_CODE)
                .writeInt(0);
    }
}
