package org.deuterium.history.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.deuterium.history.History;
import org.deuterium.history.HistoryText;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;
import org.deuterium.history.check.ToyDatabase.Isolation;
import org.junit.jupiter.api.Test;

/**
 * The checker of list-append histories (Elle, Kingsbury and Alvaro 2020) against databases of known isolation and
 * against trying every order.
 */
class ListAppendCheckerTest {

    @Test
    void aSerialHistoryIsNeverBlamed() {
        for (int seed = 0; seed < 300; seed++) {
            Verdict verdict = ListAppendChecker.check(ToyDatabase.run(Isolation.SERIAL, seed, 60, 4));
            assertEquals(Set.of(), verdict.names(), "seed " + seed + ": " + verdict.report());
        }
    }

    @Test
    void snapshotIsolationIsBlamedOnlyForWriteSkew() {
        Set<String> found = new TreeSet<>();
        for (int seed = 0; seed < 300; seed++) {
            Verdict verdict = ListAppendChecker.check(ToyDatabase.run(Isolation.SNAPSHOT, seed, 60, 4));
            assertTrue(verdict.allows(IsolationModel.STRONG_SNAPSHOT_ISOLATION), "seed " + seed + ": " + verdict);
            found.addAll(verdict.names());
        }
        assertTrue(found.contains("G2-item"), "the histories are too tame: " + found);
        assertTrue(Set.of("G2-item", "G2-item-realtime").containsAll(found), found::toString);
    }

    @Test
    void weakerDatabasesAreFoundOut() {
        Map<Isolation, Set<String>> found = new EnumMap<>(Isolation.class);
        for (Isolation isolation : Isolation.values()) {
            found.put(isolation, new TreeSet<>());
            for (int seed = 0; seed < 100; seed++) {
                found.get(isolation)
                        .addAll(ListAppendChecker.check(ToyDatabase.run(isolation, seed, 60, 4))
                                .names());
            }
        }
        assertTrue(found.get(Isolation.OLD_SNAPSHOT).contains("G-single-realtime"), found::toString);
        assertTrue(!found.get(Isolation.OLD_SNAPSHOT).contains("G-single"), found::toString);
        assertTrue(found.get(Isolation.READ_COMMITTED).containsAll(Set.of("lost update", "G-single")), found::toString);
        assertTrue(!found.get(Isolation.READ_COMMITTED).contains("G1c"), found::toString);
        assertTrue(
                found.get(Isolation.NONE).containsAll(Set.of("G0", "G1a", "G1b", "G1c", "dirty update")),
                found::toString);
    }

    @Test
    void theVerdictIsThatOfTryingEveryOrder() {
        Map<String, Integer> cases = new TreeMap<>();
        for (Isolation isolation : Isolation.values()) {
            for (int seed = 0; seed < 400; seed++) {
                History history = decided(ToyDatabase.run(isolation, seed, 5, 3));
                Verdict verdict = ListAppendChecker.check(history);
                compare(verdict, history, IsolationModel.SERIALIZABLE, true, false, cases);
                compare(verdict, history, IsolationModel.STRICT_SERIALIZABLE, true, true, cases);
                compare(verdict, history, IsolationModel.SNAPSHOT_ISOLATION, false, false, cases);
                compare(verdict, history, IsolationModel.STRONG_SNAPSHOT_ISOLATION, false, true, cases);
            }
        }
        cases.forEach((name, count) -> assertTrue(count >= 50, "too few of " + cases));
        assertEquals(8, cases.size(), cases::toString);
    }

    private static void compare(
            Verdict verdict,
            History history,
            IsolationModel model,
            boolean serial,
            boolean realTime,
            Map<String, Integer> cases) {
        boolean possible = BruteForce.isPossible(history, serial, realTime);
        assertEquals(possible, verdict.allows(model), () -> model + ": " + verdict + "\n" + HistoryText.print(history));
        cases.merge(model + (possible ? " possible" : " impossible"), 1, Integer::sum);
    }

    /** Unknown outcomes told: what was never seen did not happen. */
    private static History decided(History history) {
        List<Transaction> all = new ArrayList<>();
        Set<Long> seen = new TreeSet<>();
        for (Operation read : history.get(history.size() - 1).operations()) {
            for (int place = 0; place < read.size(); place++) {
                seen.add(read.valueAt(place));
            }
        }
        for (Transaction each : history.transactions()) {
            if (each.outcome() != Outcome.UNKNOWN) {
                all.add(each);
            } else {
                boolean happened = each.operations().stream()
                        .anyMatch(operation -> !operation.isRead() && seen.contains(operation.value()));
                long end = history.get(history.size() - 1).invoked() - 1;
                all.add(new Transaction(
                        each.number(),
                        each.process(),
                        each.invoked(),
                        end,
                        happened ? Outcome.OK : Outcome.FAILED,
                        each.operations()));
            }
        }
        return new History(all);
    }

    @Test
    void anElementMayBeAppendedOnlyOnce() {
        History twice = HistoryText.parse("T0 p0 0..1 ok append x 1\nT1 p0 2..3 ok append x 1");
        assertThrows(IllegalArgumentException.class, () -> ListAppendChecker.check(twice));
    }

    /** 100,000 transactions; keys are given up for new ones after a while, as workloads do. */
    @Test
    void aHundredThousandTransactionsTakeSeconds() {
        for (int staleness : new int[] {0, 40}) {
            History history = large(100_000, staleness);
            long begun = System.nanoTime();
            Verdict verdict = ListAppendChecker.check(history);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
            System.out.println(history.size() + " transactions " + (staleness == 0 ? "in order" : "with stale reads")
                    + " were judged in " + millis + " ms: " + verdict.names());
            assertEquals(staleness == 0, verdict.anomalies().isEmpty(), verdict.report());
            assertTrue(millis < 60_000, millis + " ms");
        }
    }

    /** @param staleness how many appends a read may lag behind, read by read: 0 is serial */
    private static History large(int size, int staleness) {
        Random random = new Random(7);
        List<Transaction> all = new ArrayList<>(size);
        List<List<Long>> lists = new ArrayList<>();
        for (int number = 0; number < size; number++) {
            int base = number / 500 * 10;
            while (lists.size() < base + 10) {
                lists.add(new ArrayList<>());
            }
            List<Operation> operations = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                int key = base + random.nextInt(10);
                List<Long> list = lists.get(key);
                if (i % 2 == 0) {
                    int shown = Math.max(0, list.size() - (staleness == 0 ? 0 : random.nextInt(staleness)));
                    operations.add(Operation.read(
                            "k" + key,
                            list.subList(0, shown).stream()
                                    .mapToLong(Long::longValue)
                                    .toArray()));
                } else {
                    list.add((long) number * 4 + i);
                    operations.add(Operation.append("k" + key, (long) number * 4 + i));
                }
            }
            all.add(new Transaction(number, number % 20, number * 10L, number * 10L + 5, Outcome.OK, operations));
        }
        return new History(all);
    }
}
