package org.deuterium.wire;

/** A message to be sent is larger than a frame may be; nothing of it was sent and the connection stays usable. */
public final class OversizedMessageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public OversizedMessageException(String messageName, long bytes) {
        super(messageName + " of " + bytes + " bytes is larger than the " + MessageCodec.MAX_FRAME_BYTES
                + " bytes a message may have; send less at once (fewer rows in a batch, a smaller value)");
    }
}
