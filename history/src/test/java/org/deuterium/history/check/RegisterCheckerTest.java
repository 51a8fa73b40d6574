package org.deuterium.history.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.deuterium.history.History;
import org.deuterium.history.HistoryText;
import org.deuterium.history.Operation;
import org.deuterium.history.Transaction;
import org.deuterium.history.check.ToyDatabase.Isolation;
import org.junit.jupiter.api.Test;

/** The checker of register histories: the isolation levels it rules out, from the strongest down. */
class RegisterCheckerTest {

    /** The same run as registers tells less than as lists, and never more. */
    @Test
    void whatItRulesOutListsRuleOutToo() {
        Set<String> found = new TreeSet<>();
        for (Isolation isolation : Isolation.values()) {
            for (int seed = 0; seed < 300; seed++) {
                History lists = ToyDatabase.run(isolation, seed, 40, 3);
                History registers = asRegisters(lists);
                Verdict verdict = RegisterChecker.check(registers);
                assertTrue(
                        ListAppendChecker.check(lists).ruledOut().containsAll(verdict.ruledOut()),
                        () -> isolation + ": " + verdict + "\n" + HistoryText.print(registers));
                assertTrue(isolation != Isolation.SERIAL || verdict.anomalies().isEmpty(), verdict::report);
                found.addAll(verdict.names());
            }
        }
        assertTrue(
                found.containsAll(Set.of("G0", "G1a", "G1b", "G1c", "G-single", "G2-item", "lost update")),
                found::toString);
    }

    /** Appending as writing over everything, reading as reading the last element. */
    private static History asRegisters(History lists) {
        List<Transaction> all = new ArrayList<>();
        for (Transaction each : lists.transactions()) {
            List<Operation> operations = each.operations().stream()
                    .map(operation -> !operation.isRead()
                            ? Operation.write(operation.key(), operation.value())
                            : operation.size() == 0
                                    ? operation
                                    : Operation.read(operation.key(), operation.valueAt(operation.size() - 1)))
                    .toList();
            all.add(new Transaction(
                    each.number(), each.process(), each.invoked(), each.completed(), each.outcome(), operations));
        }
        History registers = new History(all);
        assertEquals(lists.size(), registers.size());
        return registers;
    }
}
