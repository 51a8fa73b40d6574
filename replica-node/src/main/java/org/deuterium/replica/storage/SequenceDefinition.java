package org.deuterium.replica.storage;

import org.deuterium.wire.partition.SequenceBlock;
import org.h2.schema.Sequence;
import org.jspecify.annotations.Nullable;

/**
 * A sequence as its user made it, and where it stands. Pure arithmetic, so that every replica of the home partition
 * reserves the same values at the same entry of the log.
 *
 * @param next the next value to give
 * @param exhausted true if the last value is given and the sequence does not cycle
 */
record SequenceDefinition(
        long next, long start, long minimum, long maximum, long increment, boolean cycles, boolean exhausted) {

    static SequenceDefinition of(Sequence sequence) {
        Sequence.Cycle cycle = sequence.getCycle();
        return new SequenceDefinition(
                sequence.getBaseValue(),
                sequence.getStartValue(),
                sequence.getMinValue(),
                sequence.getMaxValue(),
                sequence.getIncrement(),
                cycle == Sequence.Cycle.CYCLE,
                cycle == Sequence.Cycle.EXHAUSTED);
    }

    static SequenceDefinition parse(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length != 7) {
            throw new StorageFailedException("'" + text + "' is no sequence");
        }
        return new SequenceDefinition(
                Long.parseLong(parts[0]),
                Long.parseLong(parts[1]),
                Long.parseLong(parts[2]),
                Long.parseLong(parts[3]),
                Long.parseLong(parts[4]),
                Boolean.parseBoolean(parts[5]),
                Boolean.parseBoolean(parts[6]));
    }

    String format() {
        return next + " " + start + " " + minimum + " " + maximum + " " + increment + " " + cycles + " " + exhausted;
    }

    /** Up to {@code wanted} values from here to the end of the range, or null if there are none left. */
    @Nullable
    SequenceBlock block(int wanted) {
        if (exhausted) {
            return null;
        }
        // Unsigned: the way from one end of the range to the other may be longer than a long is.
        long way = increment > 0 ? maximum - next : next - minimum;
        long left = Long.divideUnsigned(way, Math.abs(increment)) + 1;
        boolean enough = left == 0 || Long.compareUnsigned(left, wanted) >= 0;
        return new SequenceBlock(next, increment, enough ? wanted : (int) left);
    }

    /** What is left after a block of it is given. */
    SequenceDefinition after(SequenceBlock block) {
        long last = block.first() + (block.count() - 1) * increment;
        long way = increment > 0 ? maximum - last : last - minimum;
        if (Long.compareUnsigned(way, Math.abs(increment)) >= 0) {
            return withNext(last + increment, false);
        }
        return cycles ? withNext(increment > 0 ? minimum : maximum, false) : withNext(start, true);
    }

    private SequenceDefinition withNext(long value, boolean nowExhausted) {
        return new SequenceDefinition(value, start, minimum, maximum, increment, cycles, nowExhausted);
    }

    /**
     * Makes H2's object what the user made it, for a schema change to find.
     *
     * @param cacheSize what the user said, or H2 chose; it decides with others which changes H2 takes
     */
    void restore(Sequence sequence, @Nullable Long cacheSize) {
        Sequence.Cycle cycle =
                exhausted ? Sequence.Cycle.EXHAUSTED : cycles ? Sequence.Cycle.CYCLE : Sequence.Cycle.NO_CYCLE;
        sequence.modify(next, start, minimum, maximum, increment, cycle, cacheSize);
    }
}
