package org.deuterium.replication.simulation;

/** Something happened in a simulated cluster that must never happen. */
final class InvariantBroken extends AssertionError {

    private static final long serialVersionUID = 1L;

    InvariantBroken(Class<?> invariant, String what) {
        super(invariant.getSimpleName() + ": " + what);
    }
}
