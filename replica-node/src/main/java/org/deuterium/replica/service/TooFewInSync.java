package org.deuterium.replica.service;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;

/** The refusal of a write whose partition has fewer replicas in sync than its ack rule demands. */
final class TooFewInSync {

    private static final String WHY =
            "Fewer replicas of the partition are in sync than its ack rule's MIN_IN_SYNC, so ";
    private static final String CURE = "; try again when SHOW REPLICAS shows them in sync, or lower MIN_IN_SYNC";

    private TooFewInSync() {}

    static Failure failure(String whatFailed) {
        return Failure.of(ErrorCode.TOO_FEW_IN_SYNC, WHY + whatFailed + CURE);
    }

    static Failure failureOfTransaction(String whatFailed) {
        return Failure.ofTransaction(ErrorCode.TOO_FEW_IN_SYNC, WHY + whatFailed + CURE);
    }
}
