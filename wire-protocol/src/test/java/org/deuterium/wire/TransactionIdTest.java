package org.deuterium.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** No two transactions of a router have one identity, however many sessions it has had. */
class TransactionIdTest {

    private static final long ORIGIN = Long.MAX_VALUE - 1;
    private static final long[] SESSIONS = {0, 1, (1L << 23) - 1, 1L << 23, (1L << 23) + 1, 5L << 23, 1L << 40};

    @Test
    void sessionsBeyondEightMillionHaveIdentitiesOfTheirOwn() {
        Set<TransactionId> all = new HashSet<>();
        for (long session : SESSIONS) {
            for (int request : new int[] {0, 1, -1}) {
                TransactionId id = TransactionId.of(ORIGIN, session, request, 0);
                assertTrue(all.add(id), id.toString());
                assertTrue(id.sequence() >= 0);
                assertEquals(session, id.sessionAt(ORIGIN));
                assertEquals(id.origin(), id.lastOfSession().origin());
                assertEquals(session, id.lastOfSession().sessionAt(ORIGIN));
                assertEquals(id, TransactionId.parse(id.toString()));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> TransactionId.of(ORIGIN, -1, 0, 0));
    }

    @Test
    void anotherRoutersSessionIsNoneHere() {
        assertNotEquals(1, TransactionId.of(42, 1, 0, 0).sessionAt(4242));
    }
}
