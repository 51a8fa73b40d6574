package org.deuterium.simulation.world;

import java.util.Locale;

/** What happened in one run or in many: events, faults by kind, and what the cluster got done in spite of them. */
public final class RunCounts {

    private final long[] faults = new long[FaultKind.values().length];
    public long runs;
    public long events;

    /** Of the run with the fewest. */
    public long fewestEvents = Long.MAX_VALUE;

    public long messages;
    public long fsyncs;
    public long elections;
    public long proposals;
    public long commits;
    public long reads;
    public long readsRefused;
    public long ruleChanges;
    public long transfers;
    public long partings;
    public long tailReads;
    public long lostUnderAsync;
    public long snapshots;
    public long databasesReplaced;
    public long groupChanges;
    public long replacements;
    public long simulatedMillis;

    public void count(FaultKind kind) {
        faults[kind.ordinal()]++;
    }

    public long faults() {
        long sum = 0;
        for (long one : faults) {
            sum += one;
        }
        return sum;
    }

    public long of(FaultKind kind) {
        return faults[kind.ordinal()];
    }

    public void add(RunCounts other) {
        for (int i = 0; i < faults.length; i++) {
            faults[i] += other.faults[i];
        }
        runs += other.runs;
        events += other.events;
        fewestEvents = Math.min(fewestEvents, other.runs == 1 ? other.events : other.fewestEvents);
        messages += other.messages;
        fsyncs += other.fsyncs;
        elections += other.elections;
        proposals += other.proposals;
        commits += other.commits;
        reads += other.reads;
        readsRefused += other.readsRefused;
        ruleChanges += other.ruleChanges;
        transfers += other.transfers;
        partings += other.partings;
        tailReads += other.tailReads;
        lostUnderAsync += other.lostUnderAsync;
        snapshots += other.snapshots;
        databasesReplaced += other.databasesReplaced;
        groupChanges += other.groupChanges;
        replacements += other.replacements;
        simulatedMillis += other.simulatedMillis;
    }

    /** One line for each count, numbers first. */
    public String table() {
        StringBuilder text = new StringBuilder();
        line(text, runs, "seeds");
        line(text, events, "events");
        line(text, simulatedMillis / 1_000, "seconds of simulated time");
        line(text, messages, "messages delivered");
        line(text, fsyncs, "fsyncs");
        line(text, elections, "leaders elected");
        line(text, proposals, "writes appended");
        line(text, commits, "writes acknowledged");
        line(text, reads, "linearizable reads answered");
        line(text, tailReads, "linearizable reads answered by the tail of a chain");
        line(text, readsRefused, "reads refused for want of a lease");
        line(text, ruleChanges, "changes of an ack rule");
        line(text, transfers, "planned transfers of the lead");
        line(text, partings, "replicas parted from their leader because they applied alone under ASYNC");
        line(text, lostUnderAsync, "writes acknowledged under ASYNC that were taken back");
        line(text, snapshots, "snapshots installed");
        line(text, databasesReplaced, "stuck replicas that got another database and kept their log");
        line(text, groupChanges, "changes of a group");
        line(text, replacements, "replicas given to another node");
        line(text, faults(), "faults, of these:");
        for (FaultKind kind : FaultKind.values()) {
            line(text, of(kind), "  " + kind.words());
        }
        return text.toString();
    }

    private static void line(StringBuilder text, long count, String words) {
        text.append(String.format(Locale.ROOT, "%,17d %s%n", count, words));
    }
}
