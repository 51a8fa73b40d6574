package org.deuterium.wire;

/**
 * One thing a process says to another. A message travels in a frame of {@code int length, byte code, int correlation,
 * payload}; the length counts what follows it. An answer carries the correlation of its request.
 */
public interface Message {

    /** The number of this kind of message in its frame, unique over all {@link MessageFamily families}. */
    int code();

    /** Writes the payload: everything but the frame. */
    void encode(WireWriter out);
}
