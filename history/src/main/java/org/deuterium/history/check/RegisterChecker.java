package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.history.History;
import org.deuterium.history.Operation;
import org.deuterium.history.Transaction;
import org.deuterium.history.graph.DependencyGraph;
import org.deuterium.history.graph.EdgeKind;
import org.jspecify.annotations.Nullable;

/**
 * Judges histories of transactions that write and read registers, whose values are unique for their register.
 *
 * <p>A value says who wrote it, but not what it overwrote. That is known where nothing was there before, and where a
 * transaction read the register and then wrote it; other orders of writes are not guessed. So this checker blames nobody
 * wrongly, but misses more than {@link ListAppendChecker} does.
 */
public final class RegisterChecker {

    private final History history;
    private final Writes writes;
    private final DependencyGraph graph;
    private final Findings findings;

    /** For each register, and each value or {@link Findings#NOTHING}, the transactions that read it. */
    private final List<Map<Long, List<Integer>>> readers = new ArrayList<>();

    /** For each register, and each value or {@link Findings#NOTHING}, what was written by those who had read it. */
    private final List<Map<Long, List<Long>>> successors = new ArrayList<>();

    private RegisterChecker(History history) {
        this.history = history;
        this.writes = new Writes(history, Operation.Kind.WRITE);
        this.graph = new DependencyGraph(history.size());
        this.findings = new Findings(history, writes, "write of ");
        for (int key = 0; key < writes.keys(); key++) {
            readers.add(new HashMap<>());
            successors.add(new HashMap<>());
        }
    }

    /** @throws IllegalArgumentException if a value is written twice to a register */
    public static Verdict check(History history) {
        return new RegisterChecker(history).verdict();
    }

    private Verdict verdict() {
        findOutWhatHappened();
        for (Transaction transaction : history.transactions()) {
            if (writes.happened(transaction.number())) {
                judge(transaction);
            }
        }
        for (int key = 0; key < writes.keys(); key++) {
            addOverwritesOfNothing(key);
            addOverwrites(key);
        }
        CycleAnomalies.find(history, writes.happened(), graph, findings);
        return findings.verdict();
    }

    private void findOutWhatHappened() {
        boolean news = true;
        while (news) {
            news = false;
            for (Transaction transaction : history.transactions()) {
                for (Operation operation : transaction.operations()) {
                    if (operation.isRead() && operation.size() > 0 && writes.happened(transaction.number())) {
                        news |= writes.seen(writes.keyOf(operation), operation.valueAt(0));
                    }
                }
            }
        }
    }

    private void judge(Transaction transaction) {
        Map<Integer, Long> own = new HashMap<>();
        Map<Integer, Long> read = new HashMap<>();
        for (Operation operation : transaction.operations()) {
            int key = writes.keyOf(operation);
            if (!operation.isRead()) {
                judgeWrite(key, read.get(key), own.put(key, operation.value()), operation.value());
            } else {
                long value = operation.size() == 0 ? Findings.NOTHING : operation.valueAt(0);
                Long ownValue = own.get(key);
                if (ownValue != null && ownValue != value) {
                    findings.internal(key, transaction.number(), operation, List.of(ownValue));
                }
                if (ownValue == null) {
                    read.put(key, value);
                    judgeRead(transaction.number(), key, value, operation);
                }
            }
        }
    }

    private void judgeRead(int reader, int key, long value, Operation operation) {
        readers.get(key).computeIfAbsent(value, any -> new ArrayList<>()).add(reader);
        if (value == Findings.NOTHING) {
            return;
        }
        int writer = writes.writerOf(key, value);
        if (writer == Writes.NOBODY) {
            findings.garbage(key, operation, reader, value);
        } else if (!writes.happened(writer)) {
            findings.abortedRead(key, reader, writer, value);
        } else {
            graph.add(writer, reader, EdgeKind.WRITE_READ, key, value, value);
            if (writes.isIntermediate(key, value)) {
                findings.intermediateRead(key, reader, writer, operation);
            }
        }
    }

    private void judgeWrite(int key, @Nullable Long read, @Nullable Long own, long value) {
        if (own == null && read != null) {
            successors.get(key).computeIfAbsent(read, any -> new ArrayList<>()).add(value);
        }
    }

    /** Every write comes after the time when nothing was there. */
    private void addOverwritesOfNothing(int key) {
        Set<Integer> written = new HashSet<>();
        for (Map.Entry<Long, Integer> write : writes.writersOf(key).entrySet()) {
            if (writes.happened(write.getValue()) && written.add(write.getValue())) {
                for (int reader : readers.get(key).getOrDefault(Findings.NOTHING, List.of())) {
                    graph.add(reader, write.getValue(), EdgeKind.READ_WRITE, key, Findings.NOTHING, write.getKey());
                }
            }
        }
    }

    private void addOverwrites(int key) {
        successors.get(key).forEach((older, newer) -> {
            for (long value : newer) {
                int second = writes.writerOf(key, value);
                if (older != Findings.NOTHING) {
                    int first = writes.writerOf(key, older);
                    if (writes.happened(first)) {
                        graph.add(first, second, EdgeKind.WRITE_WRITE, key, older, value);
                    }
                    for (int reader : readers.get(key).getOrDefault(older, List.of())) {
                        graph.add(reader, second, EdgeKind.READ_WRITE, key, older, value);
                    }
                }
            }
            if (newer.size() > 1) {
                findings.lostUpdate(
                        key,
                        writes.writerOf(key, newer.get(1)),
                        older == Findings.NOTHING
                                ? Operation.read(writes.nameOf(key))
                                : Operation.read(writes.nameOf(key), older),
                        newer.get(1),
                        writes.writerOf(key, newer.get(0)),
                        newer.get(0));
            }
        });
    }
}
