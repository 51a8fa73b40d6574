package org.deuterium.router.plan;

import org.deuterium.wire.TransactionId;

/** KILL TRANSACTION: somebody's transaction is to be rolled back; it takes no part in the transaction of who says so. */
public record KillPlan(StatementShape shape, TransactionId transaction) implements RoutedPlan {

    @Override
    public Kind kind() {
        return Kind.KILL;
    }
}
