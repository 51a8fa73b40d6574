package org.deuterium.router.reads;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What a session has set about its reads: where they go, and what they must show (Terry et al. 1994; Kleppmann,
 * "Designing Data-Intensive Applications", chapter 5).
 *
 * @param maxStalenessMillis how far a follower may lag behind its leader; 0 for no bound
 * @param readYourWrites reads show what this session has committed
 * @param monotonicReads reads show at least what earlier reads of this session showed
 * @param consistentPrefix reads show the causes of everything the session has seen, in whatever partition
 */
public record ReadRules(
        ReadPreference preference,
        int maxStalenessMillis,
        boolean readYourWrites,
        boolean monotonicReads,
        boolean consistentPrefix) {

    public static final ReadRules DEFAULT = new ReadRules(ReadPreference.LEADER, 0, true, true, true);

    private static final Pattern AMOUNT = Pattern.compile("(\\d{1,9})\\s*(ms|s|m|h)?");

    /** A value that does not fit its setting; the message says which would. */
    public static final class BadValue extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient Failure failure;

        /** @param why names the setting, the value, and what is possible */
        public BadValue(String why) {
            super(why);
            failure = Failure.of(ErrorCode.INVALID_VALUE, "Invalid value: " + why);
        }

        /** What the client is told. */
        public Failure failure() {
            return failure;
        }
    }

    /** True if what the session has seen and done decides what a follower must show. */
    boolean remembers() {
        return readYourWrites || monotonicReads || consistentPrefix;
    }

    public ReadRules withPreference(String value) throws BadValue {
        for (ReadPreference each : ReadPreference.values()) {
            if (each.name().equalsIgnoreCase(value.trim())) {
                return new ReadRules(each, maxStalenessMillis, readYourWrites, monotonicReads, consistentPrefix);
            }
        }
        throw new BadValue("readPreference '" + value + "'; use leader, follower, nearest or tail");
    }

    /** @param value milliseconds, or a number with a unit (ms, s, m, h), or an ISO-8601 duration, or none */
    public ReadRules withMaxStaleness(String value) throws BadValue {
        return new ReadRules(preference, millis(value), readYourWrites, monotonicReads, consistentPrefix);
    }

    public ReadRules withReadYourWrites(String value) throws BadValue {
        return new ReadRules(
                preference, maxStalenessMillis, flag("readYourWrites", value), monotonicReads, consistentPrefix);
    }

    public ReadRules withMonotonicReads(String value) throws BadValue {
        return new ReadRules(
                preference, maxStalenessMillis, readYourWrites, flag("monotonicReads", value), consistentPrefix);
    }

    public ReadRules withConsistentPrefix(String value) throws BadValue {
        return new ReadRules(
                preference, maxStalenessMillis, readYourWrites, monotonicReads, flag("consistentPrefix", value));
    }

    private static boolean flag(String name, String value) throws BadValue {
        return switch (value.trim().toLowerCase(Locale.ROOT)) {
            case "true", "on", "1" -> true;
            case "false", "off", "0" -> false;
            default -> throw new BadValue(name + " '" + value + "'; use true or false");
        };
    }

    private static int millis(String value) throws BadValue {
        String text = value.trim().toLowerCase(Locale.ROOT);
        if (text.isEmpty() || text.equals("none")) {
            return 0;
        }
        Matcher amount = AMOUNT.matcher(text);
        try {
            long millis = amount.matches()
                    ? Long.parseLong(amount.group(1)) * unitMillis(amount.group(2))
                    : Duration.parse(text).toMillis();
            if (millis > 0 && millis <= Integer.MAX_VALUE) {
                return (int) millis;
            }
        } catch (DateTimeParseException | ArithmeticException e) {
            // said below, like a number that is too large
        }
        throw new BadValue("maxStaleness '" + value
                + "'; use milliseconds, a number with ms, s, m or h, an ISO-8601 duration such as PT5S, or none, from"
                + " 1 to "
                + Integer.MAX_VALUE + " ms; readPreference=leader is never stale");
    }

    private static long unitMillis(@Nullable String unit) {
        return switch (unit == null ? "ms" : unit) {
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 1;
        };
    }

    /** For EXPLAIN: what a plain read of the session gets. */
    public String explained() {
        if (preference == ReadPreference.LEADER) {
            return "reads: at the leader, which shows everything that is committed";
        }
        if (preference == ReadPreference.TAIL) {
            return "reads: at the tail of the chain (ACK CHAIN; else at the leader), showing everything that is"
                    + " committed";
        }
        StringBuilder text = new StringBuilder("reads: at ")
                .append(preference == ReadPreference.FOLLOWER ? "a follower" : "the nearest replica")
                .append(", showing at least ");
        String separator = "";
        if (readYourWrites) {
            text.append("what this session wrote");
            separator = ", ";
        }
        if (monotonicReads) {
            text.append(separator).append("what it has read");
            separator = ", ";
        }
        if (consistentPrefix) {
            text.append(separator).append("the causes of both");
            separator = ", ";
        }
        if (maxStalenessMillis > 0) {
            text.append(separator)
                    .append("what was committed ")
                    .append(maxStalenessMillis)
                    .append(" ms ago");
            separator = ", ";
        }
        return separator.isEmpty()
                ? text.append("some earlier state").toString()
                : text.append("; else at the leader").toString();
    }
}
