package org.deuterium.simulation.invariant;

import org.deuterium.replication.Effects;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicationMessage;

/** A message of a term older than the promised one makes a replica do nothing but say so. */
public final class StaleTermChangesNothing {

    void check(NodeId at, ReplicationMessage message, Term promised, Effects effects) {
        if (!message.term().isBefore(promised)) {
            return;
        }
        boolean changed = effects.writes()
                || effects.roleChange() != null
                || effects.commitTo() != null
                || effects.configChange() != null
                || !effects.sendNow().isEmpty()
                || !effects.sendFromLog().isEmpty();
        if (changed || effects.sendAfterDurable().size() > 1) {
            throw new InvariantBroken(
                    getClass(), at + " promised " + promised + " and still did for " + message + ": " + effects);
        }
        for (Effects.Send send : effects.sendAfterDurable()) {
            if (send.message().term().isBefore(promised)) {
                throw new InvariantBroken(getClass(), at + " answers " + message + " with " + send.message());
            }
        }
    }
}
