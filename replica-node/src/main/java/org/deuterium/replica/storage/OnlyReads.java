package org.deuterium.replica.storage;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** What a branch that only reads does not run: changes, locks, and values of sequences, by H2's own judgement. */
final class OnlyReads {

    private OnlyReads() {}

    /**
     * Why the branch does not run this, or null.
     *
     * @param ofThePast true if it only reads because it shows a state of the past
     */
    static @Nullable Failure refusal(CachedCommand command, boolean ofThePast) {
        if (command.readOnly()) {
            return null;
        }
        return Failure.of(
                ErrorCode.READ_ONLY_TRANSACTION,
                (ofThePast
                                ? "A transaction AS OF a moment of the past only reads"
                                : "A SERIALIZABLE transaction of a read-only connection only reads")
                        + ": it changes and locks no rows, and draws no values of sequences; do that in a transaction "
                        + (ofThePast ? "without AS OF" : "begun after setReadOnly(false), or at another level"));
    }
}
