package org.deuterium.replication;

import static org.deuterium.replication.OneReplica.log;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** The runs of terms say the same as a plain list of terms would. */
class LogShapeTest {

    @Test
    void neitherGapsNorFallingTerms() {
        LogShape shape = log(1, 3);
        assertThrows(IllegalStateException.class, () -> shape.append(4, 3));
        assertThrows(IllegalStateException.class, () -> shape.append(3, 2));
    }

    @Test
    void steppingBackGoesOverWholeTerms() {
        LogShape shape = log(1, 1, 3, 3, 6);
        assertEquals(2, shape.lastAtOrBefore(4, 2));
        assertEquals(4, shape.lastAtOrBefore(9, 5));
        assertEquals(0, shape.lastAtOrBefore(5, 0));
    }

    @Test
    void isAsAListOfTerms() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            LogShape shape = new LogShape();
            long[] terms = new long[400];
            int base = 0;
            int last = 0;
            for (int step = 0; step < 300; step++) {
                int what = random.nextInt(12);
                if (what == 0 && last > base) {
                    last = base + random.nextInt(last - base + 1);
                    shape.discardAfter(last);
                } else if (what == 1 && last > base) {
                    base = base + random.nextInt(last - base + 1);
                    shape.cutThrough(base);
                } else if (what > 1) {
                    long term = terms[last] + (random.nextInt(4) == 0 ? 1 : 0);
                    terms[++last] = term;
                    shape.append(last, term);
                }
                compare(shape, terms, base, last);
            }
        }
    }

    private static void compare(LogShape shape, long[] terms, int base, int last) {
        assertEquals(base, shape.baseIndex());
        assertEquals(last, shape.lastIndex());
        assertEquals(terms[last], shape.lastTerm());
        for (int index = 0; index <= last + 1; index++) {
            assertEquals(
                    index < base || index > last ? LogShape.UNKNOWN : terms[index],
                    shape.termAt(index),
                    shape.toString());
        }
    }
}
