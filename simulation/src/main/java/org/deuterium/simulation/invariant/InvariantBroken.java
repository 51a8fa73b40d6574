package org.deuterium.simulation.invariant;

/** Something happened in a simulated cluster that must never happen. */
public final class InvariantBroken extends AssertionError {

    private static final long serialVersionUID = 1L;

    private final String invariant;

    public InvariantBroken(Class<?> invariant, String what) {
        super(invariant.getSimpleName() + ": " + what);
        this.invariant = invariant.getSimpleName();
    }

    /** The name of the class that found it. */
    public String invariant() {
        return invariant;
    }
}
