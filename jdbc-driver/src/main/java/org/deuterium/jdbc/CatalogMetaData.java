package org.deuterium.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.RowIdLifetime;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/**
 * DatabaseMetaData, asked of the cluster's catalog: a call of any of its 170 methods becomes a DescribeCatalog with the
 * method's name and arguments, which the catalog's H2 answers. Only what concerns this driver is answered here.
 */
final class CatalogMetaData implements InvocationHandler {

    /** H2's number for a level that java.sql.Connection does not know. */
    private static final int TRANSACTION_SNAPSHOT = 6;

    static final String DRIVER_NAME = "Deuterium JDBC Driver";

    private final ClusterConnection connection;
    private final Map<String, Object> known = new HashMap<>();

    private CatalogMetaData(ClusterConnection connection) {
        this.connection = connection;
    }

    static DatabaseMetaData of(ClusterConnection connection) {
        return (DatabaseMetaData) Proxy.newProxyInstance(
                DatabaseMetaData.class.getClassLoader() == null
                        ? CatalogMetaData.class.getClassLoader()
                        : DatabaseMetaData.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                new CatalogMetaData(connection));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws SQLException {
        @Nullable Object[] given = arguments == null ? new Object[0] : arguments;
        Object own = ownAnswer(proxy, method.getName(), given);
        if (own != null) {
            return own;
        }
        connection.checkOpen();
        boolean result = method.getReturnType() == ResultSet.class;
        if (!result && given.length == 0) {
            Object answer = known.get(method.getName());
            if (answer == null) {
                answer = scalar(method, given);
                known.put(method.getName(), answer);
            }
            return answer;
        }
        return result ? RowBatchResultSet.ofLocalRows(ask(method, given)) : scalar(method, given);
    }

    private @Nullable Object ownAnswer(Object proxy, String method, @Nullable Object[] given) throws SQLException {
        return switch (method) {
            case "getConnection" -> connection;
            case "getURL" -> connection.url();
            case "getUserName" -> connection.user();
            case "isReadOnly" -> connection.isReadOnly();
            case "getDatabaseProductName" -> "H2";
            case "getDatabaseProductVersion" -> connection.session().welcome().databaseVersion();
            case "getDriverName" -> DRIVER_NAME;
            case "getDriverVersion" -> Driver.VERSION;
            case "getDriverMajorVersion" -> Driver.MAJOR_VERSION;
            case "getDriverMinorVersion" -> Driver.MINOR_VERSION;
            case "getJDBCMajorVersion" -> 4;
            case "getJDBCMinorVersion" -> 3;
            case "getClientInfoProperties" -> connection.clientInfo().described();
            case "getRowIdLifetime" -> RowIdLifetime.ROWID_UNSUPPORTED;
            case "supportsResultSetType" ->
                !Integer.valueOf(ResultSet.TYPE_SCROLL_SENSITIVE).equals(given[0]);
            case "supportsResultSetConcurrency" ->
                !Integer.valueOf(ResultSet.TYPE_SCROLL_SENSITIVE).equals(given[0])
                        && Integer.valueOf(ResultSet.CONCUR_READ_ONLY).equals(given[1]);
            case "supportsTransactionIsolationLevel" -> given[0] instanceof Integer level && supportsIsolation(level);
            case "supportsStoredProcedures", "supportsNamedParameters" -> false;
            case "unwrap" -> Wrappers.unwrap(proxy, wantedClass(given[0]));
            case "isWrapperFor" -> wantedClass(given[0]).isInstance(proxy);
            case "equals" -> proxy == given[0];
            case "hashCode" -> System.identityHashCode(proxy);
            case "toString" -> "metadata of " + connection;
            default -> null;
        };
    }

    /** Refuses levels that there are not. */
    static void checkIsolation(int level) throws SQLException {
        if (!supportsIsolation(level)) {
            throw SqlExceptions.notSupported("transaction isolation " + level
                    + "; use READ COMMITTED (2), REPEATABLE READ (4), SNAPSHOT (6) or" + " SERIALIZABLE (8)");
        }
    }

    private static boolean supportsIsolation(int level) {
        return switch (level) {
            case Connection.TRANSACTION_READ_UNCOMMITTED,
                    Connection.TRANSACTION_READ_COMMITTED,
                    Connection.TRANSACTION_REPEATABLE_READ,
                    TRANSACTION_SNAPSHOT,
                    Connection.TRANSACTION_SERIALIZABLE -> true;
            default -> false;
        };
    }

    private static Class<?> wantedClass(@Nullable Object given) throws SQLException {
        if (given instanceof Class<?> wanted) {
            return wanted;
        }
        throw SqlExceptions.invalidValue("iface", given);
    }

    private Object scalar(Method method, @Nullable Object[] given) throws SQLException {
        RowBatchResultSet answer = RowBatchResultSet.ofLocalRows(ask(method, given));
        answer.next();
        Class<?> type = method.getReturnType();
        if (type == boolean.class) {
            return answer.getBoolean(1);
        } else if (type == int.class) {
            return answer.getInt(1);
        } else if (type == long.class) {
            return answer.getLong(1);
        }
        String text = answer.getString(1);
        return text == null ? "" : text;
    }

    private RowsPage ask(Method method, @Nullable Object[] given) throws SQLException {
        WireWriter values = new WireWriter();
        for (Object argument : given) {
            WireValues.write(wireValue(argument), values);
        }
        DescribeCatalog question =
                new DescribeCatalog(method.getName(), new ParameterRows(1, given.length, values.toByteArray()));
        return (RowsPage) connection.session().ask(question);
    }

    private static @Nullable SqlValue wireValue(@Nullable Object argument) throws SQLException {
        if (argument instanceof int[] numbers) {
            @Nullable SqlValue[] elements = new SqlValue[numbers.length];
            for (int i = 0; i < numbers.length; i++) {
                elements[i] = SqlValue.integer(numbers[i]);
            }
            return new SqlValue(ValueType.ARRAY, elements);
        }
        return ParameterValue.of(argument);
    }
}
