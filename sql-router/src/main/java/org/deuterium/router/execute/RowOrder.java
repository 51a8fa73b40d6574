package org.deuterium.router.execute;

import java.util.Comparator;
import java.util.List;
import org.deuterium.router.plan.Merge.SortKey;
import org.deuterium.values.UntypedEnums;
import org.h2.value.CompareMode;
import org.h2.value.Value;
import org.h2.value.ValueNull;

/**
 * H2's order of rows by some of their columns: H2 compares the values, NULLs are lowest unless the key says otherwise. An
 * ENUM that was read from the wire has no type, and H2 cannot compare it; its order is that of its ordinals.
 */
final class RowOrder implements Comparator<Value[]> {

    /** Partitions are opened without a collation of their own, so text is compared by code units. */
    private static final CompareMode MODE = CompareMode.getInstance(null, 0);

    private final SortKey[] keys;

    RowOrder(List<SortKey> keys) {
        this.keys = keys.toArray(new SortKey[0]);
    }

    @Override
    public int compare(Value[] left, Value[] right) {
        for (SortKey key : keys) {
            int order = compare(left[key.column()], right[key.column()], key);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int compare(Value left, Value right, SortKey key) {
        boolean leftNull = left == ValueNull.INSTANCE;
        boolean rightNull = right == ValueNull.INSTANCE;
        if (leftNull || rightNull) {
            if (leftNull == rightNull) {
                return 0;
            }
            Boolean said = key.nullsFirst();
            boolean nullsFirst = said == null ? !key.descending() : said;
            return leftNull == nullsFirst ? -1 : 1;
        }
        int order = UntypedEnums.asNumbers(left).compareTo(UntypedEnums.asNumbers(right), null, MODE);
        return key.descending() ? -order : order;
    }
}
