package org.deuterium.router.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.UUID;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueBoolean;
import org.h2.value.ValueChar;
import org.h2.value.ValueDate;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNull;
import org.h2.value.ValueNumeric;
import org.h2.value.ValueTimestamp;
import org.h2.value.ValueUuid;
import org.h2.value.ValueVarchar;
import org.junit.jupiter.api.Test;

/** HASH v1 never changes: rows on disk are found by it. */
class PartitionerTest {

    private static long hash(Value value, HashType type) {
        return Partitioner.hash(value, type);
    }

    @Test
    void goldenValues() {
        assertEquals(0L, hash(ValueNull.INSTANCE, HashType.NUMBER));
        assertEquals(0L, hash(ValueInteger.get(0), HashType.NUMBER));
        assertEquals(0xb456bcfc34c2cb2cL, hash(ValueInteger.get(1), HashType.NUMBER));
        assertEquals("33ebaf9927cbc5bd", Long.toHexString(hash(ValueVarchar.get("abc"), HashType.TEXT)));
        assertEquals(
                "c7ef44ca116651bc", Long.toHexString(hash(ValueNumeric.get(new BigDecimal("1.5")), HashType.NUMBER)));
        assertEquals("7c9af6d090a037ba", Long.toHexString(hash(ValueDate.parse("2026-11-23"), HashType.DATE)));
        assertEquals(
                "8e8a4261216ee82e",
                Long.toHexString(hash(ValueTimestamp.parse("2026-11-23 10:00:00.5", null), HashType.TIMESTAMP)));
        assertEquals(
                "624c446c3317b2e", Long.toHexString(hash(ValueUuid.get(new UUID(1, 2).toString()), HashType.UUID)));
        assertEquals(
                "7db86c1fbbe1e390", Long.toHexString(Partitioner.combine(Partitioner.hash(1), Partitioner.hash(2))));
        assertEquals(0xcb2c, Partitioner.slot(Partitioner.hash(1)));
    }

    @Test
    void equalNumbersMeetWhateverTheirType() {
        long five = hash(ValueInteger.get(5), HashType.NUMBER);
        assertEquals(five, hash(ValueBigint.get(5), HashType.NUMBER));
        assertEquals(five, hash(ValueNumeric.get(new BigDecimal("5.000")), HashType.NUMBER));
        long large = hash(ValueBigint.get(Long.MIN_VALUE), HashType.NUMBER);
        assertEquals(large, hash(ValueNumeric.get(new BigDecimal(Long.MIN_VALUE)), HashType.NUMBER));
        assertEquals(
                Partitioner.hash(new BigDecimal("1E+30")),
                hash(ValueNumeric.get(new BigDecimal("1000000000000000000000000000000.0")), HashType.NUMBER));
        assertEquals(hash(ValueBoolean.TRUE, HashType.BOOLEAN), hash(ValueInteger.get(1), HashType.NUMBER));
    }

    @Test
    void trailingBlanksCountOnlyInVarchar() {
        assertEquals(
                hash(ValueChar.get("ab"), HashType.PADDED_TEXT), hash(ValueVarchar.get("ab  "), HashType.PADDED_TEXT));
        assertTrue(hash(ValueVarchar.get("ab"), HashType.TEXT) != hash(ValueVarchar.get("ab "), HashType.TEXT));
    }

    @Test
    void consecutiveKeysSpreadOverTheSlots() {
        int[] counts = new int[8];
        for (int i = 0; i < 80_000; i++) {
            counts[Partitioner.slot(Partitioner.hash(i)) * 8 / Partitioner.SLOTS]++;
        }
        for (int count : counts) {
            assertTrue(count > 9_500 && count < 10_500, "partition with " + count);
        }
    }
}
