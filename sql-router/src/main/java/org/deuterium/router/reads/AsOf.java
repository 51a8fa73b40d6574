package org.deuterium.router.reads;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The moment of the past that a transaction is to show: a time of day, or so long before its first statement.
 *
 * @param relative true if {@code millis} are to be taken from the present, else they count from 1970
 */
public record AsOf(boolean relative, long millis, String text) {

    private static final Pattern AGO =
            Pattern.compile("-\\s*(\\d{1,12})\\s*(ms|s|min|m|h|d)", Pattern.CASE_INSENSITIVE);

    /** As SQL writes it, or ISO 8601; with or without an offset from UTC. */
    private static final DateTimeFormatter TIME = new DateTimeFormatterBuilder()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[' '][XXX][XX][X]")
            .optionalEnd()
            .parseDefaulting(ChronoField.HOUR_OF_DAY, 0)
            .toFormatter(Locale.ROOT);

    /**
     * Reads what a client says.
     *
     * @param zone of a time without an offset
     * @return null for {@code none}: the present
     */
    public static @Nullable AsOf parse(String value, ZoneId zone) throws ReadRules.BadValue {
        String text = value.trim();
        if (text.isEmpty() || text.equalsIgnoreCase("none")) {
            return null;
        }
        Matcher ago = AGO.matcher(text);
        if (ago.matches()) {
            try {
                long millis = Math.multiplyExact(Long.parseLong(ago.group(1)), unitMillis(ago.group(2)));
                return new AsOf(true, millis, text);
            } catch (ArithmeticException e) {
                throw new ReadRules.BadValue("AS OF '" + value + "'; that is longer ago than time can be told");
            }
        }
        try {
            TemporalAccessor time = TIME.parseBest(text, OffsetDateTime::from, LocalDateTime::from);
            Instant instant = time instanceof OffsetDateTime withOffset
                    ? withOffset.toInstant()
                    : ((LocalDateTime) time).atZone(zone).toInstant();
            return new AsOf(false, instant.toEpochMilli(), text);
        } catch (DateTimeException | ArithmeticException e) {
            throw new ReadRules.BadValue(
                    "AS OF '" + value
                            + "'; use how long ago ('-10s'; units ms, s, min, h, d), a time ('2026-11-26 15:00:00+01'), or none");
        }
    }

    private static long unitMillis(String unit) {
        return switch (unit.toLowerCase(Locale.ROOT)) {
            case "s" -> 1_000;
            case "m", "min" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 1;
        };
    }

    /** The moment, in milliseconds since 1970. */
    public long momentMillis(long nowMillis) {
        return relative ? nowMillis - millis : millis;
    }
}
