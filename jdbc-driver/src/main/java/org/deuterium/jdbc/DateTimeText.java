package org.deuterium.jdbc;

import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Dates and times as H2 writes them: seconds always, fractions without trailing zeros, offsets as short as they can be. */
final class DateTimeText {

    private DateTimeText() {}

    static String of(LocalDate date) {
        return appendDate(new StringBuilder(10), date).toString();
    }

    static String of(LocalTime time) {
        return appendTime(new StringBuilder(18), time).toString();
    }

    static String of(OffsetTime time) {
        return appendOffset(appendTime(new StringBuilder(24), time.toLocalTime()), time.getOffset())
                .toString();
    }

    static String of(LocalDateTime at) {
        return appendTime(appendDate(new StringBuilder(29), at.toLocalDate()).append(' '), at.toLocalTime())
                .toString();
    }

    static String of(OffsetDateTime at) {
        return of(at.toLocalDateTime()) + appendOffset(new StringBuilder(6), at.getOffset());
    }

    private static StringBuilder appendDate(StringBuilder text, LocalDate date) {
        int year = date.getYear();
        if (year < 0) {
            text.append('-');
            year = -year;
        }
        String digits = Integer.toString(year);
        text.append("0".repeat(Math.max(0, 4 - digits.length()))).append(digits).append('-');
        return two(two(text, date.getMonthValue()).append('-'), date.getDayOfMonth());
    }

    private static StringBuilder appendTime(StringBuilder text, LocalTime time) {
        two(two(two(text, time.getHour()).append(':'), time.getMinute()).append(':'), time.getSecond());
        return appendFraction(text, time.getNano());
    }

    static StringBuilder appendFraction(StringBuilder text, int nanos) {
        if (nanos > 0) {
            String digits = Integer.toString(1_000_000_000 + nanos).substring(1);
            int end = digits.length();
            while (digits.charAt(end - 1) == '0') {
                end--;
            }
            text.append('.').append(digits, 0, end);
        }
        return text;
    }

    private static StringBuilder appendOffset(StringBuilder text, ZoneOffset offset) {
        int seconds = Math.abs(offset.getTotalSeconds());
        text.append(offset.getTotalSeconds() < 0 ? '-' : '+');
        two(text, seconds / 3600);
        if (seconds % 3600 != 0) {
            two(text.append(':'), seconds % 3600 / 60);
            if (seconds % 60 != 0) {
                two(text.append(':'), seconds % 60);
            }
        }
        return text;
    }

    private static StringBuilder two(StringBuilder text, int number) {
        return (number < 10 ? text.append('0') : text).append(number);
    }

    static LocalDate parseDate(String text) throws SQLException {
        String trimmed = text.trim();
        try {
            return date(trimmed);
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException e) {
            throw unreadable("DATE", text, e);
        }
    }

    static LocalTime parseTime(String text) throws SQLException {
        try {
            return time(text.trim());
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException e) {
            throw unreadable("TIME", text, e);
        }
    }

    /** A date, or a date and a time, with an offset or zone or none; without one it is local time. */
    static OffsetDateTime parseTimestamp(String text, ZoneId local) throws SQLException {
        String trimmed = text.trim();
        try {
            int space = trimmed.indexOf('T') > 0 ? trimmed.indexOf('T') : trimmed.indexOf(' ');
            if (space < 0) {
                return date(trimmed).atStartOfDay(local).toOffsetDateTime();
            }
            LocalDate day = date(trimmed.substring(0, space));
            String rest = trimmed.substring(space + 1).trim();
            int zone = zoneStart(rest);
            LocalDateTime at = day.atTime(time(rest.substring(0, zone).trim()));
            return at.atZone(
                            zone == rest.length()
                                    ? local
                                    : zone(rest.substring(zone).trim()))
                    .toOffsetDateTime();
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException e) {
            throw unreadable("TIMESTAMP", text, e);
        }
    }

    /** A time with an offset, or at the local one. */
    static OffsetTime parseOffsetTime(String text, ZoneOffset local) throws SQLException {
        String trimmed = text.trim();
        try {
            int zone = zoneStart(trimmed);
            LocalTime at = time(trimmed.substring(0, zone).trim());
            return at.atOffset(
                    zone == trimmed.length()
                            ? local
                            : (ZoneOffset) zone(trimmed.substring(zone).trim()));
        } catch (DateTimeException | NumberFormatException | StringIndexOutOfBoundsException | ClassCastException e) {
            throw unreadable("TIME WITH TIME ZONE", text, e);
        }
    }

    private static SQLException unreadable(String type, String text, RuntimeException e) {
        return SqlExceptions.h2(
                SqlExceptions.INVALID_DATETIME, "cannot parse \"" + type + "\" constant \"" + text + "\"", e);
    }

    private static ZoneId zone(String text) {
        return text.equals("Z") ? ZoneOffset.UTC : ZoneId.of(text).normalized();
    }

    private static int zoneStart(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '+' || c == '-' || Character.isLetter(c)) {
                return i;
            }
        }
        return text.length();
    }

    private static LocalDate date(String text) {
        int month = text.indexOf('-', 1);
        int day = text.indexOf('-', month + 1);
        if (month < 0 || day < 0) {
            return LocalDate.parse(text);
        }
        return LocalDate.of(
                Integer.parseInt(text.substring(0, month)),
                Integer.parseInt(text.substring(month + 1, day)),
                Integer.parseInt(text.substring(day + 1)));
    }

    private static LocalTime time(String text) {
        String[] fields = text.split(":", 3);
        int hour = Integer.parseInt(fields[0]);
        int minute = fields.length > 1 ? Integer.parseInt(fields[1]) : 0;
        if (fields.length < 3) {
            return LocalTime.of(hour, minute);
        }
        int point = fields[2].indexOf('.');
        int second = Integer.parseInt(point < 0 ? fields[2] : fields[2].substring(0, point));
        String fraction = point < 0 ? "" : fields[2].substring(point + 1);
        int nanos = Integer.parseInt((fraction + "000000000").substring(0, 9));
        return LocalTime.of(hour, minute, second, nanos);
    }
}
