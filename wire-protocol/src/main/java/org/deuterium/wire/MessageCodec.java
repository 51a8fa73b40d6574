package org.deuterium.wire;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the messages of the families a process understands, and frames those it sends. */
public final class MessageCodec {

    /** Bytes of a frame before its payload: length, code, correlation. */
    public static final int HEADER_BYTES = 9;

    /** The largest frame anybody sends or accepts after the handshake; a larger one closes the connection. */
    public static final int MAX_FRAME_BYTES = 64 << 20;

    /** The largest frame accepted from somebody who has not said who it is. */
    public static final int MAX_FIRST_FRAME_BYTES = 64 << 10;

    private final @Nullable MessageFamily[] familyOfCode = new MessageFamily[256];

    public MessageCodec(List<MessageFamily> families) {
        for (MessageFamily family : families) {
            for (int code = family.firstCode(); code <= family.lastCode(); code++) {
                if (familyOfCode[code] != null) {
                    throw new IllegalArgumentException("message code " + code + " belongs to two families");
                }
                familyOfCode[code] = family;
            }
        }
    }

    /**
     * Reads one message.
     *
     * @throws MalformedMessageException if nobody here understands the code, or the payload is not as it should be
     */
    public Message decode(int code, WireReader payload) {
        MessageFamily family = familyOfCode[code & 0xff];
        if (family == null) {
            throw new MalformedMessageException("unknown message code " + (code & 0xff));
        }
        Message message = decode(family, code & 0xff, payload);
        if (payload.remaining() != 0) {
            throw new MalformedMessageException(payload.remaining() + " bytes too many after message "
                    + message.getClass().getSimpleName());
        }
        return message;
    }

    private static Message decode(MessageFamily family, int code, WireReader payload) {
        try {
            return family.decode(code, payload);
        } catch (IllegalArgumentException refusedValue) {
            MalformedMessageException malformed = new MalformedMessageException(
                    "message code " + code + " carries an impossible value: " + refusedValue.getMessage());
            malformed.initCause(refusedValue);
            throw malformed;
        }
    }

    /** Appends the whole frame of a message to {@code out}. */
    public static void encodeFrame(Message message, int correlation, WireWriter out) {
        int start = out.size();
        out.writeInt(0).writeByte(message.code()).writeInt(correlation);
        message.encode(out);
        int length = out.size() - start - Integer.BYTES;
        if (length + Integer.BYTES > MAX_FRAME_BYTES) {
            throw new OversizedMessageException(message.getClass().getSimpleName(), length);
        }
        out.putInt(start, length);
    }
}
