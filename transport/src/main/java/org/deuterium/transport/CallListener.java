package org.deuterium.transport;

import org.deuterium.wire.Message;

/** Who waits for the answer to a call; exactly one of the two methods is called, once, and must not block. */
public interface CallListener {

    /** The answer, which may be a Failure message. */
    void onAnswer(Message answer);

    /** No answer will come. */
    void onFailure(CallFailure failure);
}
