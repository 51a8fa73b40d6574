package org.deuterium.replication;

import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.replication.ReplicaGroup;
import org.jspecify.annotations.Nullable;

/** Why what somebody wishes of a replica cannot be, with the cure, in words for people. */
final class WishRefusals {

    private WishRefusals() {}

    static String notTheLeader(ReplicaFacts facts) {
        return facts.node + " does not lead " + facts.partition + "; ask its leader";
    }

    /** Null if the lead may be handed to the target. */
    static @Nullable String ofTransfer(ReplicaFacts facts, ReplicaGroup group, NodeId target, LeaderRole leading) {
        StorageId storage = group.storageOf(target);
        if (storage == null || !group.votes(target, storage)) {
            return target + " has no replica of " + facts.partition + " that may lead it under " + group.ackRule()
                    + "; SHOW REPLICAS tells which are in sync";
        }
        if (leading.isStuck(target)) {
            return "the database of " + facts.partition + " on " + target + " is STUCK, so it could serve nobody; SHOW"
                    + " REPLICAS tells why and what it does, try again when it is well, or name another node";
        }
        return leading.isHandingOver() ? facts.partition + " is being handed over already" : null;
    }
}
