package org.deuterium.replica.host;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.replication.LogEntry;

/**
 * Where in the log a replica's H2 stands: surely at {@link #leastIndex} or later, surely not after {@link #mostIndex}.
 * The two differ while something is being committed in H2: from some moment on statements see it, and nobody outside can
 * tell from which. So a replica that must show an entry is asked for the least, and an answer says the most.
 *
 * <p>Written by the replica's applier, read by any thread.
 */
public final class ShownPosition {

    private volatile long leastIndex;
    private volatile long leastTimestamp;
    private volatile long mostIndex;
    private volatile long mostTimestamp;
    private volatile long inOrderTimestamp;
    private volatile boolean hidden;
    private volatile Runnable whenReached = () -> {};

    /** @param latest a timestamp that no entry up to {@code index} exceeds */
    ShownPosition(LogIndex index, Timestamp latest) {
        leastIndex = index.position();
        mostIndex = index.position();
        mostTimestamp = latest.value();
        inOrderTimestamp = latest.value();
    }

    /** Everything up to here can be seen. */
    public LogIndex leastIndex() {
        return new LogIndex(leastIndex);
    }

    /** Every entry with a timestamp up to this one can be seen; zero if nothing is known of it yet. */
    public Timestamp leastTimestamp() {
        return new Timestamp(leastTimestamp);
    }

    /** True while what can be seen here is no part of the log any more, and so is good for nobody. */
    public boolean isHidden() {
        return hidden;
    }

    /** Node loop: until a snapshot replaces it the database shows what this term's leader's log does not have. */
    void hide(boolean on) {
        hidden = on;
    }

    /** Nothing after this can have been seen by a statement that is over; ask before {@link #mostTimestamp}. */
    public LogIndex mostIndex() {
        return new LogIndex(mostIndex);
    }

    /** No entry up to {@link #mostIndex} has a later timestamp. */
    public Timestamp mostTimestamp() {
        return new Timestamp(mostTimestamp);
    }

    /** An answer to a statement that is over, with the place after which it shows nothing. */
    public PositionedAnswer positioned(Message answer) {
        LogIndex index = mostIndex(); // before the timestamp, which is then not older
        return new PositionedAnswer(index, mostTimestamp(), answer);
    }

    /** Calls this, on the applier, each time more can be seen; it must be quick. There is one such listener. */
    public void whenReached(Runnable listener) {
        whenReached = listener;
    }

    /** No entry whose turn has come has a later timestamp; those that a cut shows before their turn may have. */
    Timestamp inOrderTimestamp() {
        return new Timestamp(inOrderTimestamp);
    }

    /** Everything up to this entry is about to be committed in H2. */
    void reaching(LogEntry entry) {
        inOrderTimestamp = entry.timestamp().value();
        mayShow(entry);
    }

    /** A cut may show this entry before those in front of it. */
    void mayShow(LogEntry entry) {
        if (entry.index().position() > mostIndex) {
            mostTimestamp = entry.timestamp().value();
            mostIndex = entry.index().position();
        }
    }

    /** It is. */
    void reached(LogEntry entry) {
        leastIndex = entry.index().position();
        leastTimestamp = entry.timestamp().value();
        whenReached.run();
    }

    /** A snapshot is about to replace the database. */
    void replacing(LogIndex index, Timestamp latest) {
        if (latest.compareTo(mostTimestamp()) > 0) {
            mostTimestamp = latest.value();
        }
        mostIndex = index.position();
        inOrderTimestamp = latest.value();
    }

    /** It has; the timestamp of its last entry is not known. */
    void replaced(LogIndex index) {
        leastIndex = index.position();
        hidden = false;
        whenReached.run();
    }
}
