package org.deuterium.replica.storage;

import java.util.Arrays;
import org.h2.engine.NullsDistinct;
import org.h2.engine.SessionLocal;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * Looks for two rows that a unique index would not bear. The rows are sorted, and neighbours compared: H2 sorts on disk
 * what does not fit into memory, whereas it would keep every group of a GROUP BY there.
 */
final class DuplicateSearch {

    private final SessionLocal session;
    private final NullsDistinct nulls;

    /** @param nulls which rows with NULLs are never duplicates; null as in H2: those that have any */
    DuplicateSearch(SessionLocal session, @Nullable NullsDistinct nulls) {
        this.session = session;
        this.nulls = nulls == null ? NullsDistinct.DISTINCT : nulls;
    }

    /**
     * @param columns divided by commas
     * @param from a table, or a query in parentheses
     */
    boolean finds(String columns, String from) {
        String sorted = "SELECT " + columns + " FROM " + from + " ORDER BY " + columns;
        try (ResultInterface rows = session.prepareLocal(sorted).executeQuery(0, 0, false)) {
            Value[] before = null;
            while (rows.next()) {
                Value[] row = rows.currentRow();
                if (counts(row)) {
                    if (before != null && areEqual(before, row)) {
                        return true;
                    }
                    before = row;
                }
            }
            return false;
        }
    }

    private boolean counts(Value[] row) {
        long nullValues =
                Arrays.stream(row).filter(value -> value == ValueNull.INSTANCE).count();
        return switch (nulls) {
            case DISTINCT -> nullValues == 0;
            case ALL_DISTINCT -> nullValues < row.length;
            case NOT_DISTINCT -> true;
        };
    }

    private boolean areEqual(Value[] a, Value[] b) {
        for (int i = 0; i < a.length; i++) {
            if (session.compare(a[i], b[i]) != 0) {
                return false;
            }
        }
        return true;
    }
}
