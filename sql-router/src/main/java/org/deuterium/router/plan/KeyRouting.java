package org.deuterium.router.plan;

import java.util.Arrays;
import java.util.List;
import org.deuterium.router.catalog.Partitioner;
import org.deuterium.router.plan.rule.KeyOperand;
import org.deuterium.router.plan.rule.KeyTuple;
import org.deuterium.wire.statement.ParameterRows;
import org.jspecify.annotations.Nullable;

/** Computes slots from the keys a statement names: constants once, parameters at each execution. */
final class KeyRouting implements Routing {

    /** A product of more alternatives than this asks every partition. */
    private static final int MAX_KEYS = 4096;

    private static final int[] HOME_SLOT = {0};

    private final String partitionSet;
    private final List<KeyTuple> tuples;
    private final boolean every;

    /** The hasher of the only key, when there is one without alternatives: the hot path. */
    private final @Nullable KeyHasher single;

    private final int constantSlot;

    private KeyRouting(String partitionSet, List<KeyTuple> tuples, boolean every) {
        this.partitionSet = partitionSet;
        this.tuples = tuples;
        this.every = every;
        boolean one = !every && tuples.size() == 1 && tuples.get(0).combinations() == 1;
        single = one ? new KeyHasher(tuples.get(0)) : null;
        constantSlot = single != null && single.isConstant() ? single.slot(ParameterRows.NONE, 0) : SEVERAL;
    }

    static Routing home() {
        return new Routing() {
            @Override
            public String partitionSet() {
                return org.deuterium.router.catalog.PartitionSetSpec.HOME.name();
            }

            @Override
            public int slot(ParameterRows parameters, int set) {
                return 0;
            }

            @Override
            public int[] slots(ParameterRows parameters, int set) {
                return HOME_SLOT;
            }

            @Override
            public String toString() {
                return "home";
            }
        };
    }

    static Routing everywhere(String partitionSet) {
        return new KeyRouting(partitionSet, List.of(), true);
    }

    /** The partitions of all these keys. */
    static Routing of(String partitionSet, List<KeyTuple> tuples) {
        long keys = 0;
        for (KeyTuple tuple : tuples) {
            keys += tuple.combinations();
        }
        // Stored rows are refused unless they meet in one partition, however many they are.
        boolean tooMany = keys > MAX_KEYS && tuples.stream().noneMatch(KeyTuple::assigned);
        return new KeyRouting(partitionSet, List.copyOf(tuples), tooMany);
    }

    @Override
    public String partitionSet() {
        return partitionSet;
    }

    /** True if the keys surely come down to one slot. */
    boolean isSingle() {
        return single != null;
    }

    @Override
    public int slot(ParameterRows parameters, int set) {
        if (constantSlot != SEVERAL) {
            return constantSlot;
        }
        if (single != null) {
            return single.slot(parameters, set);
        }
        int[] slots = slots(parameters, set);
        return slots != null && slots.length == 1 ? slots[0] : SEVERAL;
    }

    @Override
    public int @Nullable [] slots(ParameterRows parameters, int set) {
        if (every) {
            return null;
        }
        int[] slots = new int[16];
        int count = 0;
        for (KeyTuple tuple : tuples) {
            int[] choice = new int[tuple.columns().size()];
            do {
                int slot = new KeyHasher(chosen(tuple, choice)).slot(parameters, set);
                if (slot == SEVERAL) {
                    return null;
                }
                if (count == slots.length) {
                    slots = Arrays.copyOf(slots, count * 2);
                }
                slots[count++] = slot;
            } while (next(choice, tuple));
        }
        return distinct(Arrays.copyOf(slots, count));
    }

    private static int[] distinct(int[] slots) {
        Arrays.sort(slots);
        int kept = 0;
        for (int i = 0; i < slots.length; i++) {
            if (i == 0 || slots[i] != slots[kept - 1]) {
                slots[kept++] = slots[i];
            }
        }
        return kept == slots.length ? slots : Arrays.copyOf(slots, kept);
    }

    private static KeyTuple chosen(KeyTuple tuple, int[] choice) {
        if (tuple.combinations() == 1) {
            return tuple;
        }
        List<List<KeyOperand>> one = new java.util.ArrayList<>();
        for (int i = 0; i < choice.length; i++) {
            one.add(List.of(tuple.alternatives().get(i).get(choice[i])));
        }
        return new KeyTuple(tuple.columns(), one, tuple.assigned());
    }

    /** Counts on through the product of the alternatives; false behind the last. */
    private static boolean next(int[] choice, KeyTuple tuple) {
        for (int i = choice.length - 1; i >= 0; i--) {
            if (++choice[i] < tuple.alternatives().get(i).size()) {
                return true;
            }
            choice[i] = 0;
        }
        return false;
    }

    @Override
    public String toString() {
        if (every) {
            return partitionSet + " every of " + Partitioner.SLOTS + " slots";
        }
        return partitionSet + " where "
                + String.join(" and ", tuples.stream().map(KeyTuple::toString).toList());
    }
}
