package org.deuterium.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import org.deuterium.history.check.IsolationModel;
import org.deuterium.history.check.ListAppendChecker;
import org.deuterium.history.check.Verdict;
import org.junit.jupiter.api.Test;

/** A read AS OF may be as old as it likes, and no younger than it was asked to be. */
class HistoryRecorderTest {

    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private final HistoryRecorder recorder = new HistoryRecorder();
    private final HistoryRecorder.Client client = recorder.client();

    private void append() {
        client.begin();
        client.did(Operation.append("x", 1));
        client.ended(Outcome.OK);
    }

    private Verdict seenAsOf(long agoNanos, long... elements) {
        client.begin();
        client.did(Operation.read("x", elements));
        client.endedAsOf(agoNanos);
        client.begin();
        client.did(Operation.read("x", 1));
        client.ended(Outcome.OK);
        return ListAppendChecker.check(recorder.history());
    }

    @Test
    void thePresentIsNotAskedFor() {
        append();
        assertEquals(Set.of(), seenAsOf(0).names());
    }

    @Test
    void whatWasThereAtTheMomentMayBeSeen() {
        append();
        assertEquals(Set.of(), seenAsOf(0, 1).names());
    }

    @Test
    void whatBeganAfterTheMomentMustNotBeSeen() {
        append();
        Verdict verdict = seenAsOf(HOUR_NANOS, 1);
        assertFalse(verdict.allows(IsolationModel.STRONG_READ_COMMITTED), verdict.report());
        assertTrue(verdict.allows(IsolationModel.SESSION_SERIALIZABLE), verdict.report());
    }
}
