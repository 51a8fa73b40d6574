package org.deuterium.replica.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Timestamp;
import org.jspecify.annotations.Nullable;

/** What somebody on this node waits for: entries to be proposed, and those in the log that are not handed on yet. Loop only. */
final class OwnEntries {

    private final Executor background;
    private final GroupCommit groupCommit;
    private final ArrayDeque<OwnEntry> inFlight = new ArrayDeque<>();
    private List<PendingEntry> proposing = new ArrayList<>();
    private List<PendingEntry> spare = new ArrayList<>();

    /** Everything proposed from now on gets a later timestamp; ZERO if it does by itself. */
    private Timestamp after = Timestamp.ZERO;

    /** @param background tells those whose entries come to nothing, which may block */
    OwnEntries(Executor background, GroupCommit groupCommit) {
        this.background = background;
        this.groupCommit = groupCommit;
    }

    /** True if it is the first that waits to be proposed. */
    boolean add(PendingEntry entry) {
        proposing.add(entry);
        groupCommit.arrived();
        return proposing.size() == 1;
    }

    /** Entries proposed from now on get later timestamps than this one. */
    void after(Timestamp timestamp) {
        after = after.max(timestamp);
    }

    /** Proposes all that wait, but for those whose work was done in another term. */
    Effects proposeAll(PartitionReplica core, boolean closed, long nowMillis, long wallMillis) {
        List<PendingEntry> entries = proposing;
        proposing = spare;
        int taken = entries.size();
        refuseThoseOfOtherTerms(entries, core, closed);
        Effects effects = entries.isEmpty() ? Effects.NONE : propose(entries, core, nowMillis, wallMillis);
        groupCommit.taken(taken, effects.append().size());
        entries.clear();
        spare = entries;
        return effects;
    }

    private Effects propose(List<PendingEntry> entries, PartitionReplica core, long nowMillis, long wallMillis) {
        List<Proposal> proposals = new ArrayList<>(entries.size());
        for (int i = 0; i < entries.size(); i++) {
            proposals.add(entries.get(i).proposal());
        }
        if (!after.equals(Timestamp.ZERO)) {
            proposals.set(0, proposals.get(0).after(after));
            if (core.lastTimestamp().compareTo(after) > 0) {
                after = Timestamp.ZERO; // later ones come after the log's last
            }
        }
        Effects effects = core.onProposals(proposals, nowMillis, wallMillis);
        Effects.@Nullable Refusal refusal = effects.refusal();
        if (refusal != null) {
            refuse(List.copyOf(entries), refusal);
        } else if (effects.append().size() != entries.size()) {
            throw new IllegalStateException(core.partition() + ": the leading core appended "
                    + effects.append().size() + " of " + entries.size() + " proposals");
        }
        for (int i = 0; i < effects.append().size(); i++) {
            inFlight.add(new OwnEntry(effects.append().get(i), entries.get(i)));
        }
        return effects;
    }

    private void refuseThoseOfOtherTerms(List<PendingEntry> entries, PartitionReplica core, boolean closed) {
        boolean leading = !closed && core.isLeader();
        List<PendingEntry> refused = new ArrayList<>(0);
        for (int i = 0; i < entries.size(); i++) {
            if (!leading || !entries.get(i).term().equals(core.term())) {
                refused.add(entries.get(i));
            }
        }
        if (!refused.isEmpty()) {
            entries.removeAll(refused);
            refuse(refused, Effects.Refusal.NOT_LEADING);
        }
    }

    private void refuse(List<PendingEntry> entries, Effects.Refusal why) {
        if (!entries.isEmpty()) {
            background.execute(() -> entries.forEach(entry -> entry.refused(why)));
        }
    }

    /** The lead was lost: of entries after this one only the next leader's log knows the outcome. */
    void abandonAfter(LogIndex lost) {
        List<PendingEntry> unknown = new ArrayList<>();
        while (!inFlight.isEmpty() && inFlight.getLast().entry().index().isAfter(lost)) {
            unknown.add(inFlight.removeLast().pending());
        }
        tellUnknown(unknown);
    }

    private void tellUnknown(List<PendingEntry> unknown) {
        groupCommit.ended(unknown.size());
        if (!unknown.isEmpty()) {
            background.execute(() -> unknown.forEach(PendingEntry::outcomeUnknown));
        }
    }

    /** The database shows everything up to here, and whoever waits for its entries hears it from nobody. */
    void passedOver(LogIndex shown) {
        List<PendingEntry> unknown = new ArrayList<>(0);
        while (!inFlight.isEmpty() && !inFlight.getFirst().entry().index().isAfter(shown)) {
            unknown.add(inFlight.removeFirst().pending());
        }
        tellUnknown(unknown);
    }

    /** The replica does nothing more. */
    void close() {
        refuse(List.copyOf(proposing), Effects.Refusal.NOT_LEADING);
        groupCommit.taken(proposing.size(), 0);
        proposing.clear();
        abandonAfter(LogIndex.NONE);
    }

    /** The next one that is not handed to the applier yet. */
    @Nullable
    OwnEntry first() {
        return inFlight.peekFirst();
    }

    void removeFirst() {
        inFlight.removeFirst();
        groupCommit.ended(1);
    }
}
