package org.deuterium.simulation;

/** Something happened in a simulated cluster that must never happen. */
final class InvariantBroken extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    InvariantBroken(Class<?> invariant, String what) {
        super(invariant.getSimpleName() + ": " + what);
        this.invariant = invariant.getSimpleName();
    }

    /** The name of the class that found it. */
    String invariant() {
        return invariant;
    }
}
