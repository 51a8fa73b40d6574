package org.deuterium.wire.replication;

import java.util.HashMap;
import java.util.Map;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.jspecify.annotations.Nullable;

/**
 * The count of the promises of one term: who may lead it. The controller fills it with the answers it gets and names
 * the winner by compare-and-set on the very group the election was opened with. Not for use by several threads.
 */
public final class Election {

    private final ReplicaGroup group;
    private final Map<NodeId, Promise> promises = new HashMap<>();

    /** Opens the election of the group's term, which must have no leader yet. */
    public Election(ReplicaGroup group) {
        if (group.leader() != null) {
            throw new IllegalStateException(group.partition() + " already has " + group.leader() + " as the leader of "
                    + group.term() + "; an election needs a term of its own");
        }
        this.group = group;
    }

    /**
     * Counts an answer. A refusal, another term's answer, or one from a directory that does not vote changes nothing.
     *
     * @return the term of a voter who has promised a later one: this election cannot win it, a later one must be
     *     opened; else null
     */
    public @Nullable Term add(NodeId from, Promise answer) {
        if (!answer.partition().equals(group.partition())) {
            throw new IllegalArgumentException(
                    "a promise for " + answer.partition() + " in an election of " + group.partition());
        }
        if (group.term().isBefore(answer.term())) {
            return answer.term();
        }
        if (answer.granted() && answer.term().equals(group.term()) && group.votes(from, answer.storage())) {
            promises.put(from, answer);
        }
        return null;
    }

    /** How many voters have promised. */
    public int promised() {
        return promises.size();
    }

    /** True when every voter has answered, so that waiting for a better candidate is pointless. */
    public boolean complete() {
        return promises.size() == group.voters().size();
    }

    /**
     * The voter with the greatest (term of last entry, last index), once enough have promised; null before. Between
     * equal logs the preferred one wins, if it is among them: its H2 may be ahead, or its disk faster.
     *
     * <p>Who is stuck serves nobody. So it wins only if those who are not are too few by themselves, and its log goes
     * further than theirs: it will hand over to one of them as soon as that one has everything.
     */
    public @Nullable NodeId winner(@Nullable NodeId preferred) {
        int able = 0;
        for (Promise promise : promises.values()) {
            able += promise.stuck() ? 0 : 1;
        }
        if (promises.size() < group.promisesToElect()) {
            return null;
        }
        return furthest(preferred, able < group.promisesToElect());
    }

    private @Nullable NodeId furthest(@Nullable NodeId preferred, boolean stuckToo) {
        NodeId best = null;
        Promise bestPromise = null;
        for (ReplicaGroup.Voter voter : group.voters()) {
            Promise promise = promises.get(voter.node());
            if (promise == null || (promise.stuck() && !stuckToo)) {
                continue;
            }
            int order = bestPromise == null ? 1 : promise.compareLogs(bestPromise);
            if (order == 0 && bestPromise != null) {
                order = Boolean.compare(bestPromise.stuck(), promise.stuck());
                order = order == 0 && voter.node().equals(preferred) ? 1 : order;
            }
            if (order > 0) {
                best = voter.node();
                bestPromise = promise;
            }
        }
        return best;
    }
}
