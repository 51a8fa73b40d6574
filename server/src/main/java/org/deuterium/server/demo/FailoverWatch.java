package org.deuterium.server.demo;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.deuterium.benchmarks.tpcc.TpccRun;

/**
 * Notes for each warehouse the first write that began after a kill and was committed: from the kill to there the
 * warehouse's partition was without a leader, or its clients had not found the new one.
 */
final class FailoverWatch implements TpccRun.CommitListener {

    private static final long NOT_YET = Long.MAX_VALUE;

    private volatile long killedNanos = NOT_YET;
    private volatile Set<Integer> warehouses = Set.of();
    private final Map<Integer, Long> firstCommits = new ConcurrentHashMap<>();

    /** To be called before the kill, so that the time it takes counts. */
    void killing(Set<Integer> warehousesConcerned) {
        warehouses = Set.copyOf(warehousesConcerned);
        killedNanos = System.nanoTime();
    }

    @Override
    public void committed(int warehouse, boolean wrote, long begunNanos, long nowNanos) {
        long killed = killedNanos;
        if (wrote && killed != NOT_YET && begunNanos > killed && warehouses.contains(warehouse)) {
            firstCommits.putIfAbsent(warehouse, nowNanos - killed);
        }
    }

    /** Milliseconds from the kill to the first new commit, by warehouse. */
    Map<Integer, Long> failoverMillis() {
        Map<Integer, Long> millis = new TreeMap<>();
        firstCommits.forEach((warehouse, nanos) -> millis.put(warehouse, TimeUnit.NANOSECONDS.toMillis(nanos)));
        return millis;
    }

    /** Warehouses of the killed leader that saw no commit since. */
    Set<Integer> stillWaiting() {
        Set<Integer> waiting = new java.util.TreeSet<>(warehouses);
        waiting.removeAll(firstCommits.keySet());
        return waiting;
    }
}
