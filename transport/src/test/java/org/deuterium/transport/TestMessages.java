package org.deuterium.transport;

import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.StatementMessages;

/** A family of one message, bytes of any size, beside the answers to statements. */
final class TestMessages implements MessageFamily {

    static final MessageCodec CODEC = new MessageCodec(java.util.List.of(new TestMessages(), new StatementMessages()));

    /** Any bytes. */
    record Parcel(byte[] content) implements Message {

        @Override
        public int code() {
            return 200;
        }

        @Override
        public void encode(WireWriter out) {
            out.writeBytes(content);
        }
    }

    @Override
    public int firstCode() {
        return 200;
    }

    @Override
    public int lastCode() {
        return 200;
    }

    @Override
    public Message decode(int code, WireReader payload) {
        if (code != 200) {
            throw new MalformedMessageException("code " + code);
        }
        return new Parcel(payload.readBytes());
    }
}
