package org.deuterium.coordinator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.PartitionId;
import org.junit.jupiter.api.Test;

/** Which partition of a set holds which slot. */
class PartitionSetTest {

    @Test
    void everySlotIsInThePartitionWhoseRangeHoldsIt() {
        for (int count : new int[] {1, 2, 3, 7, 8, 100, 1_000, 65_535, 65_536}) {
            List<PartitionId> partitions = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                partitions.add(new PartitionId(10 + i));
            }
            PartitionSet set = new PartitionSet("s", partitions, 3);
            int ordinal = 0;
            for (int slot = 0; slot < PartitionSet.SLOTS; slot++) {
                while (ordinal + 1 < count && slot >= set.firstSlot(ordinal + 1)) {
                    ordinal++;
                }
                assertEquals(partitions.get(ordinal), set.partitionOfSlot(slot), "slot " + slot + " of " + count);
            }
        }
    }

    @Test
    void impossibleSlotsAndSetsAreRefused() {
        PartitionSet set = new PartitionSet("s", List.of(PartitionId.HOME), 1);
        assertThrows(IllegalArgumentException.class, () -> set.partitionOfSlot(-1));
        assertThrows(IllegalArgumentException.class, () -> set.partitionOfSlot(65_536));
        assertThrows(IllegalArgumentException.class, () -> new PartitionSet("s", List.of(), 1));
    }
}
