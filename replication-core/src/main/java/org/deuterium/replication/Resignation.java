package org.deuterium.replication;

import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** The wish of a replica to be written out of its group as the leader, repeated until a group is read that settles it. */
final class Resignation {

    private final ReplicaFacts facts;
    private @Nullable ReplicaGroup wish;
    private long wishedMillis;

    Resignation(ReplicaFacts facts) {
        this.facts = facts;
    }

    /** It does not lead what the group says it leads. */
    void wish(ReplicaGroup withoutLeader, long nowMillis) {
        wish = withoutLeader;
        wishedMillis = nowMillis;
        facts.out.configChange(withoutLeader);
    }

    void settled() {
        wish = null;
    }

    void onTick(long nowMillis) {
        ReplicaGroup again = wish;
        if (again != null && isDue(nowMillis)) {
            wish(again, nowMillis);
        }
    }

    /** A leader that is cut off from its voters asks for another one, again until one is named, and leads on meanwhile. */
    void ofWhoLeadsOn(ReplicaGroup withoutLeader, long nowMillis) {
        if (isDue(nowMillis)) {
            wishedMillis = nowMillis;
            facts.out.configChange(withoutLeader);
        }
    }

    private boolean isDue(long nowMillis) {
        return nowMillis - wishedMillis >= facts.settings.configRetryMillis();
    }
}
