package org.deuterium.transport;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deuterium.transport.TestMessages.Parcel;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.junit.jupiter.api.Test;

/** However the network cuts the bytes, the same frames come out. */
class FrameReaderTest {

    private final List<Message> messages = new ArrayList<>();
    private final List<Integer> correlations = new ArrayList<>();

    private final FrameReader.Sink sink = new FrameReader.Sink() {
        @Override
        public void onFrame(int code, int correlation, byte[] payload) {
            messages.add(TestMessages.CODEC.decode(code, new WireReader(payload)));
            correlations.add(correlation);
        }

        @Override
        public boolean wantsMore() {
            return true;
        }
    };

    @Test
    void anyCutGivesTheSameFrames() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            messages.clear();
            correlations.clear();
            WireWriter stream = new WireWriter();
            List<byte[]> sent = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                byte[] content = new byte[random.nextInt(4) == 0 ? 400_000 : random.nextInt(30)];
                random.nextBytes(content);
                sent.add(content);
                MessageCodec.encodeFrame(new Parcel(content), i - 2, stream);
            }
            FrameReader frames = new FrameReader(MessageCodec.MAX_FRAME_BYTES);
            int from = 0;
            while (from < stream.size()) {
                int count = Math.min(stream.size() - from, 1 + random.nextInt(random.nextBoolean() ? 12 : 300_000));
                ByteBuf piece = Unpooled.wrappedBuffer(stream.array(), from, count);
                frames.read(piece, sink);
                assertEquals(0, piece.readableBytes());
                from += count;
            }
            assertEquals(List.of(-2, -1, 0, 1, 2), correlations);
            for (int i = 0; i < sent.size(); i++) {
                assertArrayEquals(sent.get(i), ((Parcel) messages.get(i)).content());
            }
        }
    }

    @Test
    void fourBytesOfAnImpossibleLengthAreEnough() {
        for (int length : new int[] {-1, 0, 4, 64 << 10, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
            FrameReader frames = new FrameReader(MessageCodec.MAX_FIRST_FRAME_BYTES);
            ByteBuf in = Unpooled.buffer().writeInt(length);
            assertThrows(MalformedMessageException.class, () -> frames.read(in, sink), () -> "length " + length);
        }
    }

    @Test
    void anAnnouncedLengthAloneTakesNoMemory() {
        // 2,000 readers that are promised 64 MB each would need 125 GB
        List<FrameReader> readers = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            FrameReader frames = new FrameReader(MessageCodec.MAX_FRAME_BYTES);
            frames.read(
                    Unpooled.buffer()
                            .writeInt(MessageCodec.MAX_FRAME_BYTES - 4)
                            .writeByte(200)
                            .writeInt(1),
                    sink);
            readers.add(frames);
        }
        assertEquals(2_000, readers.size());
        assertEquals(0, messages.size());
    }
}
