package org.deuterium.replica.service;

import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * Empties a leader before its lead is handed to another replica: new transactions are sent back to their routers, which
 * ask again until the next leader answers; open ones get a while to end, then they are rolled back.
 */
final class LeaderHandOver {

    private static final long ROLLBACK_MILLIS = 2_000;

    private final PartitionHost host;
    private final OpenBranches branches;
    private final Executor background;
    private volatile boolean draining;

    LeaderHandOver(PartitionHost host, OpenBranches branches, Executor background) {
        this.host = host;
        this.branches = branches;
        this.background = background;
    }

    /** True if no transaction may begin here, because the next leader is to have it. */
    boolean isDraining() {
        return draining;
    }

    /**
     * Nobody is disturbed for what is refused.
     *
     * @param waitMillis how long open transactions may take to end, and then the target to catch up
     */
    void start(NodeId target, long waitMillis, Consumer<@Nullable Failure> whenDone) {
        host.requests()
                .refusalOfTransfer(
                        target, refusal -> background.execute(() -> start(target, waitMillis, refusal, whenDone)));
    }

    private void start(
            NodeId target, long waitMillis, @Nullable Failure refusal, Consumer<@Nullable Failure> whenDone) {
        if (draining) {
            whenDone.accept(Failure.of(
                    ErrorCode.NOT_READY, host.partition() + " is being handed over already; see SHOW PARTITIONS"));
            return;
        }
        if (refusal != null) {
            whenDone.accept(refusal);
            return;
        }
        draining = true;
        if (!branches.awaitEmpty(waitMillis)) {
            branches.doom(
                    Failure.ofTransaction(
                            ErrorCode.TRANSACTION_ROLLED_BACK,
                            "The transaction was rolled back because partition " + host.partition()
                                    + " gets another leader and it did not end within " + waitMillis
                                    + " ms; run it again"),
                    transaction -> true);
            branches.awaitEmpty(ROLLBACK_MILLIS);
        }
        host.cuts().settle(() -> host.requests().transferLeader(target, waitMillis, failure -> {
            draining = false;
            host.cuts().unsettle();
            whenDone.accept(failure);
        }));
    }
}
