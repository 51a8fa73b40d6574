package org.deuterium.jdbc;

import java.io.Serializable;
import java.math.BigInteger;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Period;

/**
 * An SQL interval, as getObject returns it; {@link #toString} is its SQL literal. In java.time it is a Period (years and
 * months) or a Duration (all others): {@code getObject(i, Duration.class)}.
 *
 * @param qualifier which fields it has, 0 YEAR to 12 MINUTE TO SECOND in the order of {@link #QUALIFIERS}
 * @param leading the first field
 * @param remaining the other fields in the smallest unit (months, hours, minutes, nanoseconds)
 */
public record IntervalValue(int qualifier, boolean negative, long leading, long remaining) implements Serializable {

    private static final String[] QUALIFIERS = {
        "YEAR",
        "MONTH",
        "DAY",
        "HOUR",
        "MINUTE",
        "SECOND",
        "YEAR TO MONTH",
        "DAY TO HOUR",
        "DAY TO MINUTE",
        "DAY TO SECOND",
        "HOUR TO MINUTE",
        "HOUR TO SECOND",
        "MINUTE TO SECOND"
    };

    static final int YEAR = 0;
    static final int MONTH = 1;
    static final int SECOND = 5;
    static final int YEAR_TO_MONTH = 6;

    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_PER_MINUTE = 60 * NANOS_PER_SECOND;
    private static final long NANOS_PER_HOUR = 60 * NANOS_PER_MINUTE;
    private static final long NANOS_PER_DAY = 24 * NANOS_PER_HOUR;

    /** How many of {@code remaining} make one of {@code leading}. */
    private static final long[] REMAINING_PER_LEADING = {
        1, 1, 1, 1, 1, NANOS_PER_SECOND, 12, 24, 24 * 60, NANOS_PER_DAY, 60, NANOS_PER_HOUR, NANOS_PER_MINUTE
    };

    /** Nanoseconds of one of {@code leading}; 0 for years and months. */
    private static final long[] LEADING_NANOS = {
        0,
        0,
        NANOS_PER_DAY,
        NANOS_PER_HOUR,
        NANOS_PER_MINUTE,
        NANOS_PER_SECOND,
        0,
        NANOS_PER_DAY,
        NANOS_PER_DAY,
        NANOS_PER_DAY,
        NANOS_PER_HOUR,
        NANOS_PER_HOUR,
        NANOS_PER_MINUTE
    };

    public IntervalValue {
        if (qualifier < 0 || qualifier >= QUALIFIERS.length || leading < 0 || remaining < 0) {
            throw new IllegalArgumentException(
                    "no interval has qualifier " + qualifier + ", fields " + leading + " and " + remaining);
        }
    }

    static IntervalValue of(Period period) throws SQLException {
        if (period.getDays() != 0) {
            throw SqlExceptions.invalidValue("Period.days", period.getDays());
        }
        int years = period.getYears();
        int months = period.getMonths();
        if (years == 0) {
            return months == 0
                    ? new IntervalValue(YEAR_TO_MONTH, false, 0, 0)
                    : new IntervalValue(MONTH, months < 0, Math.abs((long) months), 0);
        } else if (months == 0) {
            return new IntervalValue(YEAR, years < 0, Math.abs((long) years), 0);
        }
        long total = years * 12L + months;
        return new IntervalValue(YEAR_TO_MONTH, total < 0, Math.abs(total) / 12, Math.abs(total) % 12);
    }

    static IntervalValue of(Duration duration) {
        Duration size = duration.abs();
        return new IntervalValue(SECOND, duration.isNegative(), size.getSeconds(), size.getNano());
    }

    boolean yearMonth() {
        return LEADING_NANOS[qualifier] == 0;
    }

    /** The leading field, rounded by the others. */
    long rounded() {
        long per = REMAINING_PER_LEADING[qualifier];
        long value = remaining != 0 && remaining >= per / 2 ? leading + 1 : leading;
        return negative ? -value : value;
    }

    Period toPeriod() throws SQLException {
        if (!yearMonth()) {
            throw SqlExceptions.conversion(toString(), "Period", null);
        }
        long months = qualifier == MONTH ? leading : leading * 12 + remaining;
        long signed = negative ? -months : months;
        return Period.of(Math.toIntExact(signed / 12), (int) (signed % 12), 0);
    }

    Duration toDuration() throws SQLException {
        if (yearMonth()) {
            throw SqlExceptions.conversion(toString(), "Duration", null);
        }
        long perRemaining = LEADING_NANOS[qualifier] / REMAINING_PER_LEADING[qualifier];
        BigInteger nanos = BigInteger.valueOf(leading)
                .multiply(BigInteger.valueOf(LEADING_NANOS[qualifier]))
                .add(BigInteger.valueOf(remaining).multiply(BigInteger.valueOf(perRemaining)));
        BigInteger[] parts = nanos.divideAndRemainder(BigInteger.valueOf(NANOS_PER_SECOND));
        Duration size = Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact());
        return negative ? size.negated() : size;
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder("INTERVAL '").append(negative ? "-" : "").append(leading);
        switch (qualifier) {
            case 5 -> DateTimeText.appendFraction(text, (int) remaining);
            case 6 -> text.append('-').append(remaining);
            case 7 -> two(text.append(' '), remaining);
            case 8 -> two(two(text.append(' '), remaining / 60).append(':'), remaining % 60);
            case 9 -> {
                two(text.append(' '), remaining / NANOS_PER_HOUR).append(':');
                seconds(two(text, remaining % NANOS_PER_HOUR / NANOS_PER_MINUTE).append(':'));
            }
            case 10 -> two(text.append(':'), remaining);
            case 11 ->
                seconds(two(text.append(':'), remaining / NANOS_PER_MINUTE).append(':'));
            case 12 -> seconds(text.append(':'));
            default -> {
                // one field only
            }
        }
        return text.append("' ").append(QUALIFIERS[qualifier]).toString();
    }

    private void seconds(StringBuilder text) {
        two(text, remaining % NANOS_PER_MINUTE / NANOS_PER_SECOND);
        DateTimeText.appendFraction(text, (int) (remaining % NANOS_PER_SECOND));
    }

    private static StringBuilder two(StringBuilder text, long number) {
        return (number < 10 ? text.append('0') : text).append(number);
    }
}
