package org.deuterium.router.catalog;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.jdbc.meta.DatabaseMeta;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/**
 * Calls methods of DatabaseMetaData that a client names: those the interface itself declares, which all only read, and
 * only with strings, numbers, booleans and arrays of these.
 */
final class CatalogMetadata {

    private static final Set<String> ANSWERED_BY_THE_DRIVER = Set.of("getURL", "getUserName", "getConnection");

    private CatalogMetadata() {}

    static RowsPage call(JdbcConnection connection, DescribeCatalog request) {
        Value[] arguments = read(request.arguments());
        try {
            Method method = find(DatabaseMeta.class, request.method(), arguments.length);
            if (method != null && ResultInterface.class.isAssignableFrom(method.getReturnType())) {
                DatabaseMeta meta = ((SessionLocal) connection.getSession()).getDatabaseMeta();
                try (ResultInterface result = (ResultInterface) invoke(method, meta, arguments)) {
                    return CatalogQueries.page(result);
                }
            }
            method = find(DatabaseMetaData.class, request.method(), arguments.length);
            if (method == null || !isScalar(method.getReturnType())) {
                throw new StatementRefusedException(Failure.of(
                        ErrorCode.PROTOCOL_VIOLATION,
                        "DatabaseMetaData has no method " + request.method() + " with " + arguments.length
                                + " argument(s) that the catalog answers"));
            }
            return scalar(request.method(), invoke(method, connection.getMetaData(), arguments));
        } catch (SQLException e) {
            throw H2Failures.refused(e);
        }
    }

    private static Value[] read(ParameterRows arguments) {
        Value[] values = new Value[arguments.perSet()];
        WireReader in = new WireReader(arguments.values());
        for (int i = 0; i < values.length; i++) {
            values[i] = ValueCodec.read(in);
        }
        return values;
    }

    private static @Nullable Method find(Class<?> type, String name, int arguments) {
        if (ANSWERED_BY_THE_DRIVER.contains(name)) {
            return null;
        }
        for (Method method : type.getMethods()) {
            if (method.getDeclaringClass() == type
                    && method.getName().equals(name)
                    && method.getParameterCount() == arguments) {
                return method;
            }
        }
        return null;
    }

    private static boolean isScalar(Class<?> type) {
        return type == String.class || type == int.class || type == long.class || type == boolean.class;
    }

    private static Object invoke(Method method, Object target, Value[] values) throws SQLException {
        Class<?>[] types = method.getParameterTypes();
        Object[] arguments = new Object[values.length];
        for (int i = 0; i < values.length; i++) {
            arguments[i] = argument(types[i], values[i]);
        }
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof SQLException failure) {
                throw failure;
            }
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException("DatabaseMetaData." + method.getName() + " failed", e.getCause());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("DatabaseMetaData." + method.getName() + " is not accessible", e);
        }
    }

    private static @Nullable Object argument(Class<?> type, Value value) {
        if (type == int.class) {
            return value == ValueNull.INSTANCE ? 0 : value.getInt();
        }
        if (type == boolean.class) {
            return value != ValueNull.INSTANCE && value.getBoolean();
        }
        if (value == ValueNull.INSTANCE) {
            return null;
        }
        if (type == String[].class || type == int[].class) {
            Value[] items = ((ValueArray) value).getList();
            if (type == int[].class) {
                int[] numbers = new int[items.length];
                for (int i = 0; i < items.length; i++) {
                    numbers[i] = items[i].getInt();
                }
                return numbers;
            }
            String[] texts = new String[items.length];
            for (int i = 0; i < items.length; i++) {
                texts[i] = items[i].getString();
            }
            return texts;
        }
        return value.getString();
    }

    private static RowsPage scalar(String method, Object value) {
        WireWriter row = new WireWriter();
        ValueType type;
        if (value instanceof Boolean flag) {
            type = ValueType.BOOLEAN;
            row.writeByte(type.code()).writeBoolean(flag);
        } else if (value instanceof Number number) {
            type = value instanceof Long ? ValueType.BIGINT : ValueType.INTEGER;
            row.writeByte(type.code()).writeZLong(number.longValue());
        } else {
            type = ValueType.VARCHAR;
            row.writeByte(type.code()).writeString((String) value);
        }
        ColumnDescription column =
                new ColumnDescription(method, method, "", "", type, type.name(), 0, 0, 0, 0, 0, false, "");
        return new RowsPage(List.of(column), 1, row.toByteArray(), RowsPage.NO_MORE);
    }
}
