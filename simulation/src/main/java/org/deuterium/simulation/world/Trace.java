package org.deuterium.simulation.world;

import java.util.ArrayDeque;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What happened, in words, if anybody wants to know; words cost more than events, so a run is silent until it fails. */
public final class Trace {

    private static final int KEPT = 150;

    private final Timeline timeline;
    private final boolean on;
    private final @Nullable Consumer<String> listener;
    private final ArrayDeque<String> last = new ArrayDeque<>();

    /**
     * @param on false: nothing is written down
     * @param listener takes each line at once; null to keep only the last ones
     */
    public Trace(Timeline timeline, boolean on, @Nullable Consumer<String> listener) {
        this.timeline = timeline;
        this.on = on;
        this.listener = listener;
    }

    /** Ask before making words on the hot path. */
    public boolean isOn() {
        return on;
    }

    public void say(Supplier<String> words) {
        if (!on) {
            return;
        }
        String line = (timeline.now() - Timeline.START_MILLIS) + " ms: " + words.get();
        if (listener != null) {
            listener.accept(line);
        }
        if (last.size() == KEPT) {
            last.removeFirst();
        }
        last.add(line);
    }

    /** The last lines, the latest at the end. */
    public String last() {
        return String.join("\n", last);
    }
}
