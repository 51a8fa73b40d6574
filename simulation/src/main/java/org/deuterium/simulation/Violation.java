package org.deuterium.simulation;

/**
 * A run in which something happened that must never happen.
 *
 * @param invariant the simple name of the class that found it, or of the exception the core threw
 * @param what the finding, in words
 * @param lastEvents what happened last, one a line; empty until the run is repeated with words
 */
public record Violation(long seed, SimulationSettings settings, String invariant, String what, String lastEvents) {

    /** The command that runs this seed again and tells everything that happens. */
    public String command() {
        String rule = settings.rule() == null ? "" : " --rule \"" + settings.rule() + "\"";
        return "bin/deuterium simulate --seed " + seed + " --events " + settings.events() + rule + " --trace";
    }

    /** Everything a reader needs to look into it. */
    public String report() {
        return "seed " + seed + " breaks " + invariant + ": " + what
                + (lastEvents.isEmpty() ? "" : "\nwhat happened last:\n" + lastEvents)
                + "\nsee all of it with: " + command();
    }
}
