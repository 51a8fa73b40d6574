package org.deuterium.simulation;

import org.deuterium.simulation.world.Chance;
import org.deuterium.wire.replication.AckRule;

/**
 * Draws an ack rule that fits so many replicas. ASYNC is simulated when it is asked for by name, and not drawn as long as
 * two findings about it are open (see the simulation's DESIGN.md).
 */
final class RandomRule {

    private RandomRule() {}

    static AckRule draw(Chance chance, int replicas) {
        return switch (chance.below(5)) {
            case 0, 1 -> AckRule.QUORUM;
            case 2 -> AckRule.semiSync(1 + chance.below(replicas - 1));
            case 3 -> AckRule.sync(2 + chance.below(replicas - 1));
            default -> AckRule.chain(2 + chance.below(replicas - 1));
        };
    }
}
