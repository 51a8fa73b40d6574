package org.deuterium.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Histories as text: written, read again, and refused where they are none. */
class HistoryTextTest {

    @Test
    void whatIsPrintedIsReadAgain() {
        String text = "T0 p1 -3..7 ok append x 1, read y [4 5], read z []\nT1 p2 4..? unknown write r -9\n"
                + "T2 p1 8..8 failed\n";
        History history = HistoryText.parse(text);
        assertEquals(text, HistoryText.print(history));
        assertEquals(history, HistoryText.parse("# a comment\n\n" + text.replace("\n", "   # another\n")));
        assertEquals(Operation.read("y", 4, 5), history.get(0).operations().get(1));
        assertEquals(Transaction.NEVER, history.get(1).completed());
        assertEquals(List.of(), history.get(2).operations());
    }

    @Test
    void whatIsNoHistoryIsRefusedWithTheLine() {
        for (String bad : new String[] {
            "T0 p1 3.7 ok append x 1",
            "T0 p1 3..7 fine append x 1",
            "T0 p1 3..7 ok add x 1",
            "T0 p1 3..7 ok read x 1",
            "T1 p1 3..7 ok append x 1",
            "T0 p1 7..3 ok append x 1",
            "T0 p1 3..7 unknown append x 1",
            "T0 p1 3..? ok append x 1"
        }) {
            IllegalArgumentException refused =
                    assertThrows(IllegalArgumentException.class, () -> HistoryText.parse(bad), bad);
            assertTrue(!String.valueOf(refused.getMessage()).isEmpty());
        }
    }

    @Test
    void aRecorderNumbersByBeginning_andAClientOfUnknownOutcomeGoesOnAsAnother() {
        HistoryRecorder recorder = new HistoryRecorder();
        HistoryRecorder.Client first = recorder.client();
        HistoryRecorder.Client second = recorder.client();
        first.begin();
        first.did(Operation.append("x", 1));
        second.begin();
        second.ended(Outcome.FAILED);
        first.ended(Outcome.UNKNOWN);
        first.begin();
        first.ended(Outcome.OK);
        History history = recorder.history();
        assertEquals(3, recorder.size());
        assertEquals(
                List.of(Outcome.UNKNOWN, Outcome.FAILED, Outcome.OK),
                history.transactions().stream().map(Transaction::outcome).toList());
        assertEquals(
                List.of(0, 1, 2),
                history.transactions().stream().map(Transaction::process).toList());
        assertEquals(List.of(Operation.append("x", 1)), history.get(0).operations());
    }
}
