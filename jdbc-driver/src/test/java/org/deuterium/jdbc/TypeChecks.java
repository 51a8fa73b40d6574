package org.deuterium.jdbc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Calendar;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Every type of H2: there and back, as a parameter and as a result. */
public interface TypeChecks extends CheckedConnection {

    /** Stores a value in a column of a type, and hands out the row with what came back. */
    interface Look {
        void at(ResultSet row) throws SQLException, IOException;
    }

    default void stored(String type, Object value, Look look) throws SQLException, IOException {
        table("CONF_TYPE", "ID INT PRIMARY KEY, V " + type);
        try (PreparedStatement insert = connection().prepareStatement("INSERT INTO CONF_TYPE VALUES (1, ?)");
                Statement query = connection().createStatement()) {
            insert.setObject(1, value);
            assertEquals(1, insert.executeUpdate());
            try (ResultSet rows = query.executeQuery("SELECT V FROM CONF_TYPE")) {
                assertTrue(rows.next());
                look.at(rows);
            }
        }
    }

    @Test
    default void exactNumbers() throws SQLException, IOException {
        stored("TINYINT", (byte) -128, row -> assertEquals(-128, row.getObject(1)));
        stored("SMALLINT", (short) 32767, row -> assertEquals(32767, row.getObject(1)));
        stored("INT", Integer.MIN_VALUE, row -> assertEquals(Integer.MIN_VALUE, row.getObject(1)));
        stored("BIGINT", Long.MAX_VALUE, row -> assertEquals(Long.MAX_VALUE, row.getObject(1)));
        BigDecimal money = new BigDecimal("-1234567890123456789.0123456789");
        stored("NUMERIC(40, 10)", money, row -> {
            assertEquals(money, row.getObject(1));
            assertEquals(money.toString(), row.getString(1));
        });
        stored("NUMERIC(30)", new BigInteger("123456789012345678901234567890"), row -> {
            assertEquals(new BigInteger("123456789012345678901234567890"), row.getObject(1, BigInteger.class));
            assertFails(22003, "22003", () -> row.getLong(1));
        });
        stored("DECFLOAT", new BigDecimal("1E+100"), row -> {
            assertEquals(0, new BigDecimal("1E+100").compareTo(row.getBigDecimal(1)));
        });
    }

    @Test
    default void approximateNumbersAndBooleans() throws SQLException, IOException {
        stored("DOUBLE PRECISION", Math.PI, row -> {
            assertEquals(Math.PI, row.getDouble(1));
            assertEquals(Math.PI, row.getObject(1));
            assertEquals(Double.toString(Math.PI), row.getString(1));
        });
        stored("DOUBLE PRECISION", Double.NaN, row -> assertTrue(Double.isNaN(row.getDouble(1))));
        stored("REAL", 1.1f, row -> {
            assertEquals(1.1f, row.getFloat(1));
            assertEquals(1.1f, row.getObject(1));
            assertEquals(new BigDecimal("1.1"), row.getBigDecimal(1));
        });
        stored("BOOLEAN", true, row -> {
            assertEquals(true, row.getObject(1));
            assertEquals(1, row.getInt(1));
        });
    }

    @Test
    default void characters() throws SQLException, IOException {
        String text = "häßlich \u20ac \ud83d\ude00 'quoted' \u0000?";
        stored("VARCHAR(100)", text, row -> {
            assertEquals(text, row.getString(1));
            assertEquals(text, row.getObject(1));
            assertEquals(text, row.getNString(1));
            assertEquals(text, read(row.getCharacterStream(1)));
            assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), row.getBytes(1));
        });
        stored("VARCHAR(10)", "", row -> assertEquals("", row.getString(1)));
        stored("CHAR(5)", "ab", row -> assertEquals("ab   ", row.getString(1)));
        stored("VARCHAR_IGNORECASE(10)", "AbC", row -> assertEquals("AbC", row.getString(1)));
        stored("VARCHAR(10)", 'x', row -> assertEquals('x', row.getObject(1, Character.class)));
        String megabyte = "0123456789abcdef".repeat(65536);
        stored("VARCHAR(2000000)", megabyte, row -> assertEquals(megabyte, row.getString(1)));
    }

    private static String read(java.io.Reader reader) throws IOException {
        try (reader) {
            java.io.StringWriter text = new java.io.StringWriter();
            reader.transferTo(text);
            return text.toString();
        }
    }

    @Test
    default void bytes() throws SQLException, IOException {
        byte[] bytes = {0, 1, -1, 127, -128};
        stored("VARBINARY(10)", bytes, row -> {
            assertArrayEquals(bytes, row.getBytes(1));
            assertArrayEquals(bytes, (byte[]) row.getObject(1));
            assertArrayEquals(bytes, row.getBinaryStream(1).readAllBytes());
        });
        stored("BINARY(7)", bytes, row -> assertArrayEquals(new byte[] {0, 1, -1, 127, -128, 0, 0}, row.getBytes(1)));
        UUID id = UUID.fromString("01234567-89ab-cdef-0123-456789abcdef");
        stored("UUID", id, row -> {
            assertEquals(id, row.getObject(1));
            assertEquals(id.toString(), row.getString(1));
            assertEquals(id, row.getObject(1, UUID.class));
            assertEquals(16, row.getBytes(1).length);
        });
    }

    @Test
    default void datesAndTimes() throws SQLException, IOException {
        LocalDate date = LocalDate.of(2024, 2, 29);
        stored("DATE", date, row -> {
            assertEquals(Date.valueOf(date), row.getObject(1));
            assertEquals(Date.valueOf(date), row.getDate(1));
            assertEquals(date, row.getObject(1, LocalDate.class));
            assertEquals("2024-02-29", row.getString(1));
            assertEquals(date.atStartOfDay(), row.getObject(1, LocalDateTime.class));
            assertEquals(Timestamp.valueOf(date.atStartOfDay()), row.getTimestamp(1));
        });
        LocalTime time = LocalTime.of(23, 59, 1, 120_000_000);
        stored("TIME(9)", time, row -> {
            assertEquals(time, row.getObject(1, LocalTime.class));
            assertEquals("23:59:01.12", row.getString(1));
            assertInstanceOf(Time.class, row.getObject(1));
            assertEquals("23:59:01", row.getTime(1).toString());
        });
        LocalDateTime at = LocalDateTime.of(2024, 2, 29, 1, 2, 3, 123_456_789);
        stored("TIMESTAMP(9)", at, row -> {
            assertEquals(Timestamp.valueOf(at), row.getObject(1));
            assertEquals(at, row.getObject(1, LocalDateTime.class));
            assertEquals("2024-02-29 01:02:03.123456789", row.getString(1));
            assertEquals(Date.valueOf(date), row.getDate(1));
            assertEquals(at.toLocalTime(), row.getObject(1, LocalTime.class));
        });
        LocalDate old = LocalDate.of(1, 1, 1);
        stored("DATE", old, row -> {
            assertEquals(old, row.getObject(1, LocalDate.class));
            assertEquals("0001-01-01", row.getString(1));
        });
    }

    @Test
    default void datesAndTimesWithAZone() throws SQLException, IOException {
        OffsetDateTime at = OffsetDateTime.of(2024, 2, 29, 1, 2, 3, 5_000, ZoneOffset.ofHoursMinutes(5, 30));
        stored("TIMESTAMP(9) WITH TIME ZONE", at, row -> {
            assertEquals(at, row.getObject(1));
            assertEquals(at, row.getObject(1, OffsetDateTime.class));
            assertEquals(at.toInstant(), row.getObject(1, Instant.class));
            assertEquals(at.toZonedDateTime(), row.getObject(1, ZonedDateTime.class));
            assertEquals("2024-02-29 01:02:03.000005+05:30", row.getString(1));
            assertEquals(at.toInstant(), row.getTimestamp(1).toInstant());
        });
        Instant now = Instant.parse("2024-10-11T12:13:14.151617Z");
        stored("TIMESTAMP(9) WITH TIME ZONE", now, row -> assertEquals(now, row.getObject(1, Instant.class)));
        OffsetTime time = OffsetTime.of(10, 11, 12, 0, ZoneOffset.ofHours(-3));
        stored("TIME WITH TIME ZONE", time, row -> {
            assertEquals(time, row.getObject(1));
            assertEquals("10:11:12-03", row.getString(1));
        });
    }

    @Test
    default void oldDateClassesAndCalendars() throws SQLException, IOException {
        Timestamp at = Timestamp.valueOf("2024-07-08 09:10:11.123456789");
        stored("TIMESTAMP(9)", at, row -> assertEquals(at, row.getTimestamp(1)));
        stored("DATE", Date.valueOf("2024-07-08"), row -> assertEquals(Date.valueOf("2024-07-08"), row.getDate(1)));
        stored("TIME", Time.valueOf("09:10:11"), row -> assertEquals(Time.valueOf("09:10:11"), row.getTime(1)));
        stored("TIMESTAMP", new java.util.Date(at.getTime()), row -> {
            assertEquals(at.getTime(), row.getObject(1, java.util.Date.class).getTime());
        });
        Calendar tokyo = Calendar.getInstance(TimeZone.getTimeZone("Asia/Tokyo"));
        table("CONF_TYPE", "ID INT PRIMARY KEY, V TIMESTAMP");
        try (PreparedStatement insert = connection().prepareStatement("INSERT INTO CONF_TYPE VALUES (1, ?)");
                Statement query = connection().createStatement()) {
            insert.setTimestamp(1, new Timestamp(0), tokyo);
            insert.executeUpdate();
            ResultSet row = query.executeQuery("SELECT V FROM CONF_TYPE");
            row.next();
            assertEquals("1970-01-01 09:00:00", row.getString(1));
            assertEquals(0, row.getTimestamp(1, tokyo).getTime());
        }
    }

    @Test
    default void intervals() throws SQLException, IOException {
        stored("INTERVAL DAY TO SECOND", Duration.ofSeconds(90061, 500_000_000), row -> {
            assertEquals(Duration.ofSeconds(90061, 500_000_000), row.getObject(1, Duration.class));
            assertEquals("INTERVAL '1 01:01:01.5' DAY TO SECOND", row.getString(1));
            assertEquals(
                    "INTERVAL '1 01:01:01.5' DAY TO SECOND", row.getObject(1).toString());
        });
        stored("INTERVAL YEAR TO MONTH", Period.of(2, 3, 0), row -> {
            assertEquals(Period.of(2, 3, 0), row.getObject(1, Period.class));
            assertEquals("INTERVAL '2-3' YEAR TO MONTH", row.getString(1));
        });
        stored("INTERVAL HOUR", Duration.ofHours(-5), row -> {
            assertEquals(Duration.ofHours(-5), row.getObject(1, Duration.class));
            assertEquals("INTERVAL '-5' HOUR", row.getString(1));
            assertEquals(-5, row.getInt(1));
        });
    }

    @Test
    default void largeObjects() throws SQLException, IOException {
        String text = "long ü text ".repeat(20_000);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_16);
        table("CONF_TYPE", "ID INT PRIMARY KEY, C CLOB, B BLOB");
        Clob clob = connection().createClob();
        clob.setString(1, text);
        Blob blob = connection().createBlob();
        blob.setBytes(1, bytes);
        try (PreparedStatement insert = connection().prepareStatement("INSERT INTO CONF_TYPE VALUES (?, ?, ?)")) {
            insert.setInt(1, 1);
            insert.setClob(2, clob);
            insert.setBlob(3, blob);
            insert.executeUpdate();
            insert.setInt(1, 2);
            insert.setCharacterStream(2, new StringReader(text));
            insert.setBinaryStream(3, new ByteArrayInputStream(bytes));
            insert.executeUpdate();
            insert.setInt(1, 3);
            insert.setCharacterStream(2, new StringReader(text), 5);
            insert.setBinaryStream(3, new ByteArrayInputStream(bytes), 3);
            insert.executeUpdate();
            insert.setInt(1, 4);
            insert.setString(2, text);
            insert.setBytes(3, bytes);
            insert.executeUpdate();
            insert.setInt(1, 5);
            insert.setNull(2, Types.CLOB);
            insert.setNull(3, Types.BLOB);
            insert.executeUpdate();
        }
        try (Statement query = connection().createStatement()) {
            ResultSet rows = query.executeQuery("SELECT C, B FROM CONF_TYPE WHERE ID IN (1, 2, 4) ORDER BY ID");
            for (int i = 0; i < 3; i++) {
                assertTrue(rows.next());
                assertEquals(text, rows.getString(1));
                assertEquals(text.length(), rows.getClob(1).length());
                assertEquals("ng ü", rows.getClob(1).getSubString(3, 4));
                assertEquals(text, read(rows.getClob(1).getCharacterStream()));
                assertInstanceOf(Clob.class, rows.getObject(1));
                assertArrayEquals(bytes, rows.getBytes(2));
                assertArrayEquals(bytes, rows.getBlob(2).getBytes(1, bytes.length));
                assertArrayEquals(bytes, rows.getBinaryStream(2).readAllBytes());
                assertInstanceOf(Blob.class, rows.getObject(2));
            }
            ResultSet cut = query.executeQuery("SELECT C, B FROM CONF_TYPE WHERE ID = 3");
            cut.next();
            assertEquals("long ", cut.getString(1));
            assertEquals(3, cut.getBlob(2).length());
            ResultSet none = query.executeQuery("SELECT C, B FROM CONF_TYPE WHERE ID = 5");
            none.next();
            assertNull(none.getClob(1));
            assertNull(none.getBlob(2));
        }
    }

    @Test
    default void arrays() throws SQLException, IOException {
        stored("INTEGER ARRAY", new Object[] {1, null, 3}, row -> {
            Array array = row.getArray(1);
            assertArrayEquals(new Object[] {1, null, 3}, (Object[]) array.getArray());
            assertArrayEquals(new Object[] {3}, (Object[]) array.getArray(3, 1));
            assertArrayEquals(new Integer[] {1, null, 3}, row.getObject(1, Integer[].class));
            assertEquals("[1, null, 3]", row.getString(1));
            assertEquals(Types.INTEGER, array.getBaseType());
            assertEquals("INTEGER", array.getBaseTypeName());
            try (ResultSet elements = array.getResultSet()) {
                assertTrue(elements.next());
                assertEquals(1, elements.getInt(1));
                assertEquals(1, elements.getInt(2));
                assertTrue(elements.next());
                assertTrue(elements.next());
                assertEquals(3, elements.getInt("VALUE"));
                assertFalse(elements.next());
            }
        });
        Array made = connection().createArrayOf("VARCHAR", new Object[] {"a", "b"});
        stored("VARCHAR(10) ARRAY", made, row -> {
            assertArrayEquals(
                    new Object[] {"a", "b"}, (Object[]) row.getArray(1).getArray());
        });
    }

    @Test
    default void otherTypes() throws SQLException, IOException {
        stored("ENUM('red', 'green')", "green", row -> {
            assertEquals("green", row.getString(1));
            assertEquals("green", row.getObject(1));
            assertEquals(2, row.getInt(1));
        });
        table("CONF_TYPE", "ID INT PRIMARY KEY, V JSON");
        run("INSERT INTO CONF_TYPE VALUES (1, JSON '{\"a\": [1, 2]}')");
        try (Statement query = connection().createStatement();
                ResultSet rows = query.executeQuery("SELECT V FROM CONF_TYPE")) {
            rows.next();
            assertEquals("{\"a\":[1,2]}", rows.getString(1));
            assertArrayEquals("{\"a\":[1,2]}".getBytes(StandardCharsets.UTF_8), (byte[]) rows.getObject(1));
        }
        try (Statement query = connection().createStatement();
                ResultSet rows = query.executeQuery("SELECT ROW (1, 'x'), GEOMETRY 'SRID=4326;POINT Z (1 2.5 3)', "
                        + "GEOMETRY 'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)'")) {
            rows.next();
            assertEquals("ROW (1, x)", rows.getString(1));
            ResultSet row = rows.getObject(1, ResultSet.class);
            assertTrue(row.next());
            assertEquals(1, row.getInt(1));
            assertEquals("x", row.getString(2));
            assertEquals("SRID=4326;POINT Z (1 2.5 3)", rows.getString(2));
            assertEquals("MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), EMPTY)", rows.getString(3));
        }
    }

    @Test
    default void setObjectConvertsToTheWantedType() throws SQLException {
        table("CONF_TYPE", "ID INT PRIMARY KEY, V VARCHAR(60)");
        try (PreparedStatement insert = connection().prepareStatement("INSERT INTO CONF_TYPE VALUES (?, ?)")) {
            insert.setObject(1, "17", Types.INTEGER);
            insert.setObject(2, 17, Types.VARCHAR);
            insert.executeUpdate();
            insert.setObject(1, 18L, JDBCType.INTEGER);
            insert.setObject(2, LocalDate.of(2024, 1, 2), Types.VARCHAR);
            insert.executeUpdate();
            insert.setObject(1, 19, Types.INTEGER, 0);
            insert.setObject(2, null);
            insert.executeUpdate();
            assertFails(22018, "22018", () -> insert.setObject(1, "many", Types.INTEGER));
            insert.setBoolean(1, true);
            insert.setObject(2, new BigDecimal("1.50"), Types.DECIMAL);
            insert.executeUpdate();
        }
        try (Statement query = connection().createStatement();
                ResultSet rows = query.executeQuery("SELECT ID, V FROM CONF_TYPE ORDER BY ID")) {
            assertRow(rows, 1, "1.50");
            assertRow(rows, 17, "17");
            assertRow(rows, 18, "2024-01-02");
            assertRow(rows, 19, null);
        }
    }

    private static void assertRow(ResultSet rows, int id, String value) throws SQLException {
        assertTrue(rows.next());
        assertEquals(id, rows.getInt(1));
        assertEquals(value, rows.getString(2));
    }
}
