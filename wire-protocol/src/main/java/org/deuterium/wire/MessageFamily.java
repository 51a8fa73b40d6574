package org.deuterium.wire;

/** The messages of one pair of speakers, which own the codes {@code firstCode} to {@code lastCode}. */
public interface MessageFamily {

    int firstCode();

    int lastCode();

    /**
     * Reads the payload of a message.
     *
     * @throws MalformedMessageException if the code is not of this family or the payload is not as the code says
     */
    Message decode(int code, WireReader payload);
}
