package org.deuterium.jdbc;

import java.sql.Date;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.TimeZone;
import org.deuterium.wire.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * Values as dates and times, and back, by H2's rules: always the proleptic Gregorian calendar; what has no zone of its
 * own is in the zone of the Calendar given, else of this JVM.
 */
final class DateTimes {

    private DateTimes() {}

    private static ZoneId zone(@Nullable Calendar calendar) {
        return calendar == null
                ? ZoneId.systemDefault()
                : calendar.getTimeZone().toZoneId();
    }

    static LocalDate localDate(SqlValue value) throws SQLException {
        return switch (value.type()) {
            case DATE -> (LocalDate) value.content();
            case TIMESTAMP -> ((LocalDateTime) value.content()).toLocalDate();
            case TIMESTAMP_TZ -> here((OffsetDateTime) value.content()).toLocalDate();
            case CHAR, VARCHAR, VARCHAR_IGNORECASE -> DateTimeText.parseDate((String) value.content());
            default -> throw value.cannotBe("DATE");
        };
    }

    static LocalTime localTime(SqlValue value) throws SQLException {
        return switch (value.type()) {
            case TIME -> (LocalTime) value.content();
            case TIME_TZ ->
                ((OffsetTime) value.content())
                        .withOffsetSameInstant(
                                OffsetDateTime.now(ZoneId.systemDefault()).getOffset())
                        .toLocalTime();
            case TIMESTAMP -> ((LocalDateTime) value.content()).toLocalTime();
            case TIMESTAMP_TZ -> here((OffsetDateTime) value.content()).toLocalTime();
            case CHAR, VARCHAR, VARCHAR_IGNORECASE -> DateTimeText.parseTime((String) value.content());
            default -> throw value.cannotBe("TIME");
        };
    }

    static OffsetTime offsetTime(SqlValue value) throws SQLException {
        ZoneOffset local = OffsetDateTime.now(ZoneId.systemDefault()).getOffset();
        return switch (value.type()) {
            case TIME_TZ -> (OffsetTime) value.content();
            case TIME -> ((LocalTime) value.content()).atOffset(local);
            case TIMESTAMP, TIMESTAMP_TZ -> offsetDateTime(value).toOffsetTime();
            case CHAR, VARCHAR, VARCHAR_IGNORECASE -> DateTimeText.parseOffsetTime((String) value.content(), local);
            default -> throw value.cannotBe("TIME WITH TIME ZONE");
        };
    }

    static LocalDateTime localDateTime(SqlValue value) throws SQLException {
        return switch (value.type()) {
            case TIMESTAMP -> (LocalDateTime) value.content();
            case DATE -> ((LocalDate) value.content()).atStartOfDay();
            case TIME, TIME_TZ -> LocalDate.now(ZoneId.systemDefault()).atTime(localTime(value));
            case TIMESTAMP_TZ -> here((OffsetDateTime) value.content());
            case CHAR, VARCHAR, VARCHAR_IGNORECASE -> here(parsed(value));
            default -> throw value.cannotBe("TIMESTAMP");
        };
    }

    static OffsetDateTime offsetDateTime(SqlValue value) throws SQLException {
        return switch (value.type()) {
            case TIMESTAMP_TZ -> (OffsetDateTime) value.content();
            case TIME_TZ -> LocalDate.now(ZoneId.systemDefault()).atTime((OffsetTime) value.content());
            case CHAR, VARCHAR, VARCHAR_IGNORECASE -> parsed(value);
            case DATE, TIME, TIMESTAMP ->
                localDateTime(value).atZone(ZoneId.systemDefault()).toOffsetDateTime();
            default -> throw value.cannotBe("TIMESTAMP WITH TIME ZONE");
        };
    }

    private static OffsetDateTime parsed(SqlValue value) throws SQLException {
        return DateTimeText.parseTimestamp((String) value.content(), ZoneId.systemDefault());
    }

    private static LocalDateTime here(OffsetDateTime at) {
        return at.atZoneSameInstant(ZoneId.systemDefault()).toLocalDateTime();
    }

    static Date date(SqlValue value, @Nullable Calendar calendar) throws SQLException {
        return new Date(millis(localDate(value).atStartOfDay(), calendar));
    }

    static Time time(SqlValue value, @Nullable Calendar calendar) throws SQLException {
        return new Time(millis(LocalDate.EPOCH.atTime(localTime(value)), calendar));
    }

    static Timestamp timestamp(SqlValue value, @Nullable Calendar calendar) throws SQLException {
        Instant at = value.type() == ValueType.TIMESTAMP_TZ
                ? ((OffsetDateTime) value.content()).toInstant()
                : localDateTime(value).atZone(zone(calendar)).toInstant();
        Timestamp timestamp = new Timestamp(at.getEpochSecond() * 1000);
        timestamp.setNanos(at.getNano());
        return timestamp;
    }

    private static long millis(LocalDateTime at, @Nullable Calendar calendar) {
        return at.atZone(zone(calendar)).toInstant().toEpochMilli();
    }

    static SqlValue of(Date date, @Nullable Calendar calendar) {
        return new SqlValue(ValueType.DATE, local(date.getTime(), calendar).toLocalDate());
    }

    static SqlValue of(Time time, @Nullable Calendar calendar) {
        return new SqlValue(ValueType.TIME, local(time.getTime(), calendar).toLocalTime());
    }

    static SqlValue of(Timestamp timestamp, @Nullable Calendar calendar) {
        return new SqlValue(
                ValueType.TIMESTAMP, local(timestamp.getTime(), calendar).withNano(timestamp.getNanos()));
    }

    static SqlValue of(java.util.Date date) {
        return new SqlValue(ValueType.TIMESTAMP, local(date.getTime(), null));
    }

    static SqlValue of(Calendar calendar) {
        return new SqlValue(ValueType.TIMESTAMP, local(calendar.getTimeInMillis(), calendar));
    }

    private static LocalDateTime local(long millis, @Nullable Calendar calendar) {
        TimeZone zone = calendar == null ? TimeZone.getDefault() : calendar.getTimeZone();
        return LocalDateTime.ofInstant(Instant.ofEpochMilli(millis), zone.toZoneId());
    }
}
