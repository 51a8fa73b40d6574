package org.deuterium.replica.storage;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** What a branch that only reads does not run: changes, locks, and values of sequences, by H2's own judgement. */
final class OnlyReads {

    private OnlyReads() {}

    /** Why the branch does not run this as part of one state of several partitions, or null. */
    static @Nullable Failure refusal(CachedCommand command, SessionContext context, boolean ofThePast) {
        if (command.readOnly()) {
            return null;
        }
        String who;
        String cure;
        if (ofThePast) {
            who = "A transaction AS OF a moment of the past";
            cure = "in a transaction without AS OF";
        } else if (context.isReadOnly()) {
            who = "A SERIALIZABLE transaction of a read-only connection";
            cure = "in a transaction begun after setReadOnly(false), or at another level";
        } else {
            who = "A query that shows one state of several partitions";
            cure = "by a statement of its own for each partition (fix the partition column with =)";
        }
        return Failure.of(
                ErrorCode.READ_ONLY_TRANSACTION,
                who + " only reads: it changes and locks no rows, and draws no values of sequences; do that " + cure);
    }
}
