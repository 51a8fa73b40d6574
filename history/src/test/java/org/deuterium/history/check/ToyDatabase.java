package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.Outcome;
import org.deuterium.history.Transaction;

/** Lists in memory and random clients, one step of one of them at a time, with as much isolation as is asked for. */
final class ToyDatabase {

    /** How transactions are kept apart. */
    enum Isolation {
        /** One after another. */
        SERIAL,
        /** Reads as of the beginning; who would overwrite what it did not see is rolled back. */
        SNAPSHOT,
        /** The same, but the beginning may be that of an earlier time. */
        OLD_SNAPSHOT,
        /** Reads what is committed at the moment, appends at the end. */
        READ_COMMITTED,
        /** Appends at once, for all to see; who is rolled back leaves it there. */
        NONE
    }

    private final Isolation isolation;
    private final Random random;
    private final int keys;
    private final List<Map<String, List<Long>>> states = new ArrayList<>();
    private final List<Transaction> done = new ArrayList<>();
    private long now;
    private long nextElement = 1;

    /** A client in the middle of a transaction. */
    private final class Session {
        private final int process;
        private final long invoked = now++;
        private final int snapshot;
        private final int toDo = 1 + random.nextInt(4);
        private final List<Operation> operations = new ArrayList<>();
        private final Map<String, List<Long>> own = new TreeMap<>();

        Session(int process) {
            this.process = process;
            int newest = states.size() - 1;
            this.snapshot = isolation == Isolation.OLD_SNAPSHOT ? Math.max(0, newest - random.nextInt(3)) : newest;
        }

        /** Does one thing; false if that was the end. */
        boolean step() {
            if (operations.size() == toDo) {
                end();
                return false;
            }
            String key = "k" + random.nextInt(keys);
            if (random.nextBoolean()) {
                List<Long> seen = new ArrayList<>(shown().getOrDefault(key, List.of()));
                seen.addAll(own.getOrDefault(key, List.of()));
                operations.add(Operation.read(
                        key, seen.stream().mapToLong(Long::longValue).toArray()));
            } else {
                long element = nextElement++;
                operations.add(Operation.append(key, element));
                if (isolation == Isolation.NONE) {
                    install(Map.of(key, List.of(element)));
                } else {
                    own.computeIfAbsent(key, any -> new ArrayList<>()).add(element);
                }
            }
            return true;
        }

        private Map<String, List<Long>> shown() {
            boolean old = isolation == Isolation.SNAPSHOT || isolation == Isolation.OLD_SNAPSHOT;
            return states.get(old ? snapshot : states.size() - 1);
        }

        private void end() {
            boolean abort = random.nextInt(10) == 0 || conflicts();
            boolean silent = random.nextInt(10) == 0;
            if (!abort && !own.isEmpty()) {
                install(own);
            }
            Outcome outcome = silent ? Outcome.UNKNOWN : abort ? Outcome.FAILED : Outcome.OK;
            long completed = silent ? Transaction.NEVER : now++;
            done.add(new Transaction(done.size(), process, invoked, completed, outcome, operations));
        }

        private boolean conflicts() {
            Map<String, List<Long>> newest = states.get(states.size() - 1);
            return (isolation == Isolation.SNAPSHOT || isolation == Isolation.OLD_SNAPSHOT)
                    && own.keySet().stream().anyMatch(key -> !newest.getOrDefault(key, List.of())
                            .equals(shown().getOrDefault(key, List.of())));
        }
    }

    private ToyDatabase(Isolation isolation, long seed, int keys) {
        this.isolation = isolation;
        this.random = new Random(seed);
        this.keys = keys;
        states.add(Map.of());
    }

    private void install(Map<String, List<Long>> appended) {
        Map<String, List<Long>> next = new TreeMap<>(states.get(states.size() - 1));
        appended.forEach((key, elements) -> {
            List<Long> list = new ArrayList<>(next.getOrDefault(key, List.of()));
            list.addAll(elements);
            next.put(key, list);
        });
        states.add(next);
    }

    /** A history of so many transactions of three clients, and a last one that reads everything. */
    static History run(Isolation isolation, long seed, int transactions, int keys) {
        ToyDatabase database = new ToyDatabase(isolation, seed, keys);
        List<Session> open = new ArrayList<>();
        int begun = 0;
        while (begun < transactions || !open.isEmpty()) {
            boolean room = open.size() < (isolation == Isolation.SERIAL ? 1 : 3);
            if (begun < transactions && room && (open.isEmpty() || database.random.nextInt(3) == 0)) {
                open.add(database.new Session(begun++));
            } else {
                Session session = open.get(database.random.nextInt(open.size()));
                if (!session.step()) {
                    open.remove(session);
                }
            }
        }
        return database.withLastRead();
    }

    private History withLastRead() {
        Map<String, List<Long>> last = states.get(states.size() - 1);
        List<Operation> reads = new ArrayList<>();
        for (String key : new TreeSet<>(last.keySet())) {
            reads.add(Operation.read(
                    key, last.get(key).stream().mapToLong(Long::longValue).toArray()));
        }
        done.add(new Transaction(done.size(), 99, now, now + 1, Outcome.OK, reads));
        return new History(done);
    }
}
