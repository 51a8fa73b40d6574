package org.deuterium.simulation;

import org.deuterium.wire.replication.AckRule;
import org.jspecify.annotations.Nullable;

/**
 * What every run of a series has in common.
 *
 * @param events how many events a run has before everything is repaired
 * @param rule the ack rule of every run, which stays; null: each seed draws one, and it may change
 */
public record SimulationSettings(long events, @Nullable AckRule rule) {

    public static final SimulationSettings DEFAULT = new SimulationSettings(10_000, null);

    public SimulationSettings {
        if (events < 1) {
            throw new IllegalArgumentException(events + " events are none; give 1 or more");
        }
    }
}
