package org.deuterium.replication;

import java.util.LinkedHashMap;
import java.util.Map;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;

/** The promises of one voter: given once the leader they would depose can no longer rely on it. */
final class VoterPromises {

    private final ReplicaFacts facts;
    private final Map<NodeId, PromiseRequest> heldBack = new LinkedHashMap<>(0);

    VoterPromises(ReplicaFacts facts) {
        this.facts = facts;
    }

    /** The requested term, if it is the latest, is promised already; this says so, now or later. */
    void asked(NodeId from, PromiseRequest request, long nowMillis) {
        if (facts.promised.equals(request.term()) && nowMillis < facts.promisesNothingUntil) {
            heldBack.put(from, request);
        } else {
            answer(from, request);
        }
    }

    void onTick(long nowMillis) {
        if (!heldBack.isEmpty() && nowMillis >= facts.promisesNothingUntil) {
            heldBack.forEach(this::answer);
            heldBack.clear();
        }
    }

    private void answer(NodeId from, PromiseRequest request) {
        facts.out.sendAfterDurable(
                from,
                new Promise(
                        facts.partition,
                        facts.promised,
                        facts.promised.equals(request.term()),
                        facts.storage,
                        new Term(facts.log.lastTerm()),
                        new LogIndex(facts.log.lastIndex()),
                        facts.stuck));
    }
}
