package org.deuterium.simulation;

import org.deuterium.simulation.world.Chance;
import org.deuterium.wire.replication.AckRule;

/**
 * Draws ack rules that fit so many replicas. ASYNC comes up in one run of five, and often there: what was promised before
 * is as good as nothing afterwards, so that fewer invariants can break.
 */
final class RandomRule {

    private final Chance chance;
    private final int replicas;
    private final boolean withAsync;

    RandomRule(Chance chance, int replicas) {
        this.chance = chance;
        this.replicas = replicas;
        this.withAsync = chance.oneIn(5);
    }

    AckRule draw() {
        if (withAsync && chance.oneIn(3)) {
            return AckRule.ASYNC;
        }
        return switch (chance.below(5)) {
            case 0, 1 -> AckRule.QUORUM;
            case 2 -> replicas == 1 ? AckRule.QUORUM : AckRule.semiSync(1 + chance.below(replicas - 1));
            case 3 -> AckRule.sync(minInSync());
            default -> AckRule.chain(minInSync());
        };
    }

    private int minInSync() {
        return replicas == 1 ? 1 : 2 + chance.below(replicas - 1);
    }
}
