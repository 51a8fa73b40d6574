package org.deuterium.values;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.h2.value.ValueClob;
import org.h2.value.ValueVarchar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** H2's values there and back, and columns as H2's own driver describes them. */
class ValueCodecTest {

    private static Value roundTrip(Value value) {
        WireWriter out = new WireWriter();
        ValueCodec.write(value, out);
        WireReader in = new WireReader(out.toByteArray());
        Value read = ValueCodec.read(in);
        assertEquals(0, in.remaining());
        WireWriter again = new WireWriter();
        ValueCodec.write(read, again);
        assertArrayEquals(out.toByteArray(), again.toByteArray());
        return read;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NULL",
                "TRUE",
                "CAST(-128 AS TINYINT)",
                "CAST(32767 AS SMALLINT)",
                "-2147483648",
                "9223372036854775807",
                "1.50",
                "-0.00000000001",
                "123456789012345678901234567890.123",
                "CAST(1E+500 AS DECFLOAT)",
                "CAST('-Infinity' AS DECFLOAT)",
                "CAST('NaN' AS DECFLOAT)",
                "CAST(1.5 AS REAL)",
                "CAST('NaN' AS REAL)",
                "CAST(-1E300 AS DOUBLE PRECISION)",
                "'text ü €'",
                "''",
                "CAST('x' AS CHAR(5))",
                "CAST('MiXed' AS VARCHAR_IGNORECASE)",
                "REPEAT('long', 100000)",
                "CAST('clob ü' AS CLOB)",
                "CAST(X'0102' AS BINARY(3))",
                "X'ff00'",
                "CAST(X'aabb' AS BLOB)",
                "DATE '-4712-01-01'",
                "DATE '9999-12-31'",
                "DATE '1582-10-10'",
                "TIME '23:59:59.999999999'",
                "TIME WITH TIME ZONE '12:00:00+18:00'",
                "TIMESTAMP '1969-12-31 23:59:59.999999999'",
                "TIMESTAMP WITH TIME ZONE '2026-11-23 00:00:00-12:30:15'",
                "INTERVAL '5' YEAR",
                "INTERVAL '-3-11' YEAR TO MONTH",
                "INTERVAL '-10 23:59:59.999999999' DAY TO SECOND",
                "INTERVAL '59.000000001' SECOND",
                "INTERVAL '100:05' MINUTE TO SECOND",
                "UUID 'ffffffff-1234-1234-8234-1234567890ab'",
                "JSON '{\"a\":[1,null,\"ü\"]}'",
                "GEOMETRY 'SRID=4326;POINT (1 2)'",
                "ARRAY[1, NULL, 3]",
                "ARRAY[ARRAY['a'], ARRAY[]]",
                "ROW(1, 'x', ARRAY[TRUE])",
                "CAST(X'aced' AS JAVA_OBJECT)"
            })
    void everyValueComesBack(String expression) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
            ResultInterface result = session.prepareLocal("CALL " + expression).executeQuery(0, 0, false);
            result.next();
            Value value = result.currentRow()[0];
            Value read = roundTrip(value);
            assertEquals(value.getValueType(), read.getValueType());
            assertEquals(value, read);
            assertEquals(value.getTraceSQL(), read.getTraceSQL());
        }
    }

    @Test
    void enumsKeepLabelAndNumber() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
            ResultInterface result =
                    session.prepareLocal("CALL CAST('b' AS ENUM('a', 'b'))").executeQuery(0, 0, false);
            result.next();
            Value read = roundTrip(result.currentRow()[0]);
            assertEquals("b", read.getString());
            assertEquals(2, read.getInt());
        }
    }

    /** LEFT and SUBSTRING count UTF-16 units, and cut an emoji in two. */
    @Test
    void halvesOfCharactersComeBack() {
        for (String text :
                List.of("x\uD83D", "\uDE00", "\uDE00\uD83D\uD83D\uDE00€\uDC00ü", "long".repeat(100) + "\uD83D")) {
            assertEquals(text, roundTrip(ValueVarchar.get(text)).getString());
        }
        assertEquals("x?", roundTrip(ValueClob.createSmall("x\uD83D")).getString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CAST(ARRAY['y', NULL, 'x', 'y'] AS ENUM('x', 'y') ARRAY)",
                "CAST(ARRAY[ARRAY['p'], ARRAY[], NULL] AS ENUM('p') ARRAY ARRAY)",
                "CAST(ARRAY[ROW(1, 'q'), ROW(NULL, NULL), NULL] AS ROW(A INT, B ENUM('p', 'q')) ARRAY)",
                "ARRAY[ROW(CAST('q' AS ENUM('p', 'q')), CAST('x' AS ENUM('x'))), NULL]",
                "ROW(CAST('q' AS ENUM('p', 'q')), 5, CAST(ARRAY['x'] AS ENUM('x') ARRAY))"
            })
    void enumsWithinArraysAndRowsComeBack(String expression) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
            ResultInterface result = session.prepareLocal("CALL " + expression).executeQuery(0, 0, false);
            result.next();
            Value value = result.currentRow()[0];
            Value read = roundTrip(value);
            assertEquals(value.getString(), read.getString());
            assertEquals(value.getString(), UntypedEnums.asLabels(read).getString());
            Value typed = UntypedEnums.typed(read, value.getType(), session);
            assertEquals(value, typed);
            WireWriter before = new WireWriter();
            WireWriter after = new WireWriter();
            ValueCodec.write(value, before);
            ValueCodec.write(typed, after);
            assertArrayEquals(before.toByteArray(), after.toByteArray());
        }
    }

    @Test
    void randomBytesNeverDoMoreThanFail() {
        Random random = new Random(20261123);
        for (int i = 0; i < 50_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(24)];
            random.nextBytes(bytes);
            bytes[0] = (byte) random.nextInt(ValueType.values().length + 1);
            try {
                ValueCodec.read(new WireReader(bytes));
            } catch (MalformedMessageException | DbException expected) {
                continue;
            }
        }
    }

    @Test
    void deepNestingIsRefused() {
        byte[] bytes = new byte[40_000];
        for (int i = 0; i < bytes.length; i += 2) {
            bytes[i] = (byte) ValueType.ARRAY.code();
            bytes[i + 1] = 1;
        }
        assertThrows(MalformedMessageException.class, () -> ValueCodec.read(new WireReader(bytes)));
    }

    @Test
    void columnsAreDescribedAsByTheDriverOfH2() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "CREATE TABLE T(ID BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, N NUMERIC(10,3) NOT NULL,"
                            + " C CHAR(4), V VARCHAR(7), D DOUBLE PRECISION, S TIMESTAMP(3) WITH TIME ZONE, B BLOB, U UUID,"
                            + " E ENUM('x','yy'), A INT ARRAY[5], I INTERVAL DAY TO SECOND, J JSON, F DECFLOAT(20))");
            String sql = "SELECT T.*, N AS ALIAS, N+1, COUNT(*) OVER () FROM T";
            SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
            List<ColumnDescription> columns =
                    ColumnDescriptions.of(session.prepareLocal(sql).executeQuery(0, 0, false));
            try (ResultSet rows = statement.executeQuery(sql)) {
                ResultSetMetaData expected = rows.getMetaData();
                assertEquals(expected.getColumnCount(), columns.size());
                for (int i = 1; i <= columns.size(); i++) {
                    assertEquals(described(expected, i), described(columns.get(i - 1)));
                }
            }
        }
    }

    private static String described(ResultSetMetaData of, int i) throws Exception {
        return String.join(
                "|",
                of.getColumnLabel(i),
                of.getColumnName(i),
                of.getSchemaName(i),
                of.getTableName(i),
                of.getColumnTypeName(i),
                "" + of.getColumnType(i),
                "" + of.getPrecision(i),
                "" + of.getScale(i),
                "" + of.getColumnDisplaySize(i),
                "" + of.isNullable(i),
                "" + of.isAutoIncrement(i),
                of.getColumnClassName(i));
    }

    private static String described(ColumnDescription of) {
        return String.join(
                "|",
                of.label(),
                of.name(),
                of.schema(),
                of.table(),
                of.typeName(),
                "" + of.sqlType(),
                "" + of.precision(),
                "" + of.scale(),
                "" + of.displaySize(),
                "" + of.nullable(),
                "" + of.identity(),
                of.className());
    }
}
