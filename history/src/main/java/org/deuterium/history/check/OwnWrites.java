package org.deuterium.history.check;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.history.Operation;
import org.deuterium.history.Transaction;

/** A transaction sees what it has written itself, and nothing that it will write. */
final class OwnWrites {

    private OwnWrites() {}

    /** Judges a read of a list by what its transaction did before it. */
    static void judge(
            Transaction transaction,
            List<Operation> before,
            Operation read,
            Writes writes,
            int key,
            Findings findings) {
        List<Long> expected = new ArrayList<>();
        boolean writesKey = false;
        for (Operation operation : transaction.operations()) {
            writesKey |= !operation.isRead() && operation.key().equals(read.key());
        }
        if (!writesKey) {
            return;
        }
        for (Operation earlier : before) {
            if (!earlier.isRead() && earlier.key().equals(read.key())) {
                expected.add(earlier.value());
            }
        }
        List<Long> own = new ArrayList<>();
        for (int place = 0; place < read.size(); place++) {
            if (writes.writerOf(key, read.valueAt(place)) == transaction.number()) {
                own.add(read.valueAt(place));
            }
        }
        if (!own.equals(expected)) {
            findings.internal(key, transaction.number(), read, expected);
        }
    }
}
