package org.deuterium.router.plan;

/**
 * A statement that begins, ends or divides the transaction.
 *
 * @param savepoint its name, "" when the action has none
 */
public record TransactionPlan(StatementShape shape, Action action, String savepoint) implements RoutedPlan {

    /** What to do to the transaction. */
    public enum Action {
        BEGIN,
        COMMIT,
        ROLLBACK,
        SAVEPOINT,
        ROLLBACK_TO_SAVEPOINT,
        RELEASE_SAVEPOINT,
        AUTOCOMMIT_ON,
        AUTOCOMMIT_OFF
    }

    @Override
    public Kind kind() {
        return Kind.TRANSACTION;
    }
}
