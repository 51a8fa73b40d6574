package org.deuterium.history.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deuterium.history.History;
import org.deuterium.history.HistoryText;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;
import org.junit.jupiter.api.Test;

/** The checker of linearizability (Herlihy and Wing 1990) against trying every order. */
class LinearizableRegistersTest {

    @Test
    void theVerdictIsThatOfTryingEveryOrder() {
        int[] counts = new int[2];
        for (int seed = 0; seed < 20_000; seed++) {
            History history = random(new Random(seed));
            boolean possible = isPossible(history.transactions(), new boolean[history.size()], 0);
            Verdict verdict = LinearizableRegisters.check(history);
            assertEquals(possible, verdict.anomalies().isEmpty(), () -> verdict + "\n" + HistoryText.print(history));
            counts[possible ? 1 : 0]++;
        }
        assertTrue(counts[0] > 2_000 && counts[1] > 2_000, counts[0] + " bad and " + counts[1] + " good histories");
    }

    /** Up to three writes and four reads at random times; some writes of unknown end. */
    private static History random(Random random) {
        List<Transaction> all = new ArrayList<>();
        int writes = 1 + random.nextInt(3);
        int size = writes + 1 + random.nextInt(4);
        for (int number = 0; number < size; number++) {
            long invoked = random.nextInt(20);
            boolean write = number < writes;
            Outcome outcome = write && random.nextInt(4) == 0 ? Outcome.UNKNOWN : Outcome.OK;
            int value = random.nextInt(writes + 1);
            Operation read = value == 0 ? Operation.read("x") : Operation.read("x", value);
            all.add(new Transaction(
                    number,
                    number,
                    invoked,
                    outcome == Outcome.UNKNOWN ? Transaction.NEVER : invoked + random.nextInt(10),
                    outcome,
                    List.of(write ? Operation.write("x", number + 1) : read)));
        }
        return new History(all);
    }

    /** Whether the rest can follow one after another, if the register now has this value (0: empty). */
    private static boolean isPossible(List<Transaction> all, boolean[] done, long value) {
        boolean over = true;
        for (Transaction next : all) {
            if (done[next.number()]) {
                continue;
            }
            over &= next.outcome() == Outcome.UNKNOWN; // need not have happened
            Operation operation = next.operations().get(0);
            boolean first = true;
            for (Transaction other : all) {
                first &= done[other.number()] || other.completed() >= next.invoked();
            }
            boolean fits = !operation.isRead() || value == (operation.size() == 0 ? 0 : operation.valueAt(0));
            if (first && fits) {
                done[next.number()] = true;
                boolean found = isPossible(all, done, operation.isRead() ? value : operation.value());
                done[next.number()] = false;
                if (found) {
                    return true;
                }
            }
        }
        return over;
    }

    @Test
    void onlyHistoriesOfSingleOperationsAreTaken() {
        History two = HistoryText.parse("T0 p0 0..1 ok write x 1, write x 2");
        assertThrows(IllegalArgumentException.class, () -> LinearizableRegisters.check(two));
    }
}
