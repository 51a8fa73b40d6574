package org.deuterium.replica.locks;

/**
 * What a statement needs of one table.
 *
 * @param shared true if nobody else may be changing the table from now on: the statement reads it, and what it read is to stay
 * @param intent true if the statement changes rows of it: no other transaction may hold it shared
 */
public record TableWish(TableLock table, boolean shared, boolean intent) {

    /** True if two transactions cannot have both. */
    boolean excludes(TableWish other) {
        return (shared && other.intent) || (intent && other.shared);
    }
}
