package org.deuterium.jdbc;

import java.io.IOException;
import java.sql.BatchUpdateException;
import java.sql.ClientInfoStatus;
import java.sql.SQLClientInfoException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * The one place where SQLExceptions are made: each has the subclass, SQLState and vendor code that H2's own driver gives
 * for the same failure, so code written for H2 catches it.
 */
final class SqlExceptions {

    static final int NO_DATA = 2000;
    static final int INVALID_PARAMETER_COUNT = 7001;
    static final int OUT_OF_RANGE = 22003;
    static final int INVALID_DATETIME = 22007;
    static final int DATA_CONVERSION = 22018;
    static final int SYNTAX_ERROR = 42000;
    static final int COLUMN_NOT_FOUND = 42122;
    static final int NOT_FOR_QUERY = 90001;
    static final int ONLY_FOR_QUERY = 90002;
    static final int OBJECT_CLOSED = 90007;
    static final int INVALID_VALUE = 90008;
    static final int PARAMETER_NOT_SET = 90012;
    static final int SERIALIZATION_FAILED = 90026;
    static final int DESERIALIZATION_FAILED = 90027;
    static final int IO_FAILED = 90028;
    static final int URL_FORMAT = 90046;
    static final int SAVEPOINT_INVALID = 90063;
    static final int SAVEPOINT_UNNAMED = 90064;
    static final int SAVEPOINT_NAMED = 90065;
    static final int UNSUPPORTED_SETTING = 90113;
    static final int NOT_SCROLLABLE = 90128;
    static final int NOT_FOR_PREPARED = 90130;
    static final int READ_ONLY_RESULT = 90140;

    /** Vendor codes from 90000 on whose class the number alone does not tell; as in H2's DbException. */
    private static final Set<Integer> NON_TRANSIENT = Set.of(
            50000, 50004, 90001, 90002, 90006, 90007, 90019, 90021, 90024, 90025, 90028, 90029, 90031, 90034, 90040,
            90044, 90058, 90062, 90063, 90064, 90065, 90096, 90097, 90101, 90102, 90103, 90104, 90105, 90111, 90124,
            90125, 90126, 90127, 90128, 90130, 90134, 90140, 90148);

    private static final Set<Integer> TIMEOUT = Set.of(50200, 57014, 90039);

    private static final Set<Integer> SYNTAX = Set.of(
            90000, 90005, 90015, 90016, 90017, 90022, 90023, 90032, 90033, 90035, 90036, 90037, 90038, 90041, 90042,
            90043, 90045, 90052, 90054, 90057, 90059, 90068, 90069, 90070, 90071, 90072, 90073, 90074, 90075, 90076,
            90077, 90078, 90079, 90080, 90081, 90082, 90083, 90084, 90085, 90086, 90087, 90089, 90090, 90091, 90106,
            90107, 90109, 90110, 90114, 90115, 90116, 90118, 90119, 90120, 90122, 90123, 90129, 90132, 90136, 90137,
            90139, 90141, 90145, 90150, 90151, 90152, 90153, 90154, 90155, 90156, 90157);

    private static final Set<Integer> DATA =
            Set.of(90003, 90004, 90008, 90009, 90010, 90012, 90014, 90026, 90027, 90053, 90056, 90095, 90142);

    private static final Set<Integer> CONNECTION = Set.of(
            90011, 90013, 90018, 90020, 90030, 90046, 90047, 90048, 90049, 90050, 90055, 90060, 90061, 90066, 90067,
            90088, 90093, 90094, 90098, 90099, 90108, 90113, 90117, 90121, 90133, 90135, 90138, 90144, 90146, 90147,
            90149);

    private static final Set<Integer> TRANSIENT = Set.of(90112, 90131, 90143);

    private SqlExceptions() {}

    static SQLException of(Failure failure) {
        return make(failure.message(), failure.sqlState(), failure.vendorCode(), null);
    }

    /** A failure of Deuterium's own. */
    static SQLException of(ErrorCode code, String message, @Nullable Throwable cause) {
        return make(message, code.sqlState(), code.vendorCode(), cause);
    }

    /** A failure that H2 knows by this vendor code; the SQLState is H2's for it. */
    static SQLException h2(int vendorCode, String message, @Nullable Throwable cause) {
        return make(message, stateOf(vendorCode), vendorCode, cause);
    }

    static SQLException closed(String what) {
        return h2(OBJECT_CLOSED, "the " + what + " is closed", null);
    }

    static SQLException invalidValue(String parameter, @Nullable Object value) {
        return h2(INVALID_VALUE, "invalid value \"" + value + "\" for parameter \"" + parameter + "\"", null);
    }

    /** Says what is not supported and what to do instead. */
    static SQLException notSupported(String whatAndCure) {
        return of(ErrorCode.NOT_SUPPORTED, "not supported: " + whatAndCure, null);
    }

    static SQLException noData() {
        return h2(NO_DATA, "no row here: call next() first, and read only while it returns true", null);
    }

    static SQLException columnNotFound(String label) {
        return h2(COLUMN_NOT_FOUND, "column \"" + label + "\" not found in this result", null);
    }

    static SQLException conversion(String value, String target, @Nullable Throwable cause) {
        String shown = value.length() > 127 ? value.substring(0, 127) + "..." : value;
        return h2(DATA_CONVERSION, "data conversion error converting \"" + shown + "\" to " + target, cause);
    }

    static SQLException outOfRange(String value) {
        return h2(OUT_OF_RANGE, "numeric value out of range: \"" + value + "\"", null);
    }

    static SQLException syntax(String sql, int position, String why) {
        int at = Math.max(0, Math.min(position, sql.length()));
        return h2(
                SYNTAX_ERROR,
                "syntax error in SQL statement \"" + sql.substring(0, at) + "[*]" + sql.substring(at) + "\": " + why,
                null);
    }

    static SQLException broken(String message, @Nullable IOException cause) {
        return of(ErrorCode.CONNECTION_BROKEN, message, cause);
    }

    static BatchUpdateException batch(List<SQLException> failures, long[] counts) {
        SQLException first = failures.get(0);
        BatchUpdateException whole =
                new BatchUpdateException(first.getMessage(), first.getSQLState(), first.getErrorCode(), counts, first);
        failures.forEach(whole::setNextException);
        return whole;
    }

    static SQLClientInfoException clientInfo(String name, String why) {
        return new SQLClientInfoException(
                why,
                "0A000",
                ErrorCode.NOT_SUPPORTED.vendorCode(),
                Map.of(name, ClientInfoStatus.REASON_UNKNOWN_PROPERTY));
    }

    static SQLClientInfoException clientInfo(SQLException cause) {
        return new SQLClientInfoException(
                cause.getMessage(), cause.getSQLState(), cause.getErrorCode(), Map.of(), cause);
    }

    private static String stateOf(int vendorCode) {
        return switch (vendorCode) {
            case NO_DATA -> "02000";
            case INVALID_PARAMETER_COUNT -> "07001";
            case COLUMN_NOT_FOUND -> "42S22";
            default -> Integer.toString(vendorCode);
        };
    }

    private static SQLException make(String message, String state, int code, @Nullable Throwable cause) {
        if (state.startsWith("08")) {
            return new SQLNonTransientConnectionException(message, state, code, cause);
        }
        switch (code / 1000) {
            case 2:
                return new SQLNonTransientException(message, state, code, cause);
            case 7, 21, 42, 54:
                return new SQLSyntaxErrorException(message, state, code, cause);
            case 22:
                return new SQLDataException(message, state, code, cause);
            case 23:
                return new SQLIntegrityConstraintViolationException(message, state, code, cause);
            case 28:
                return new SQLInvalidAuthorizationSpecException(message, state, code, cause);
            case 40:
                return new SQLTransactionRollbackException(message, state, code, cause);
            default:
                return code >= 190_000 ? ownFailure(message, state, code, cause) : ofList(message, state, code, cause);
        }
    }

    private static SQLException ofList(String message, String state, int code, @Nullable Throwable cause) {
        if (code == ErrorCode.NOT_SUPPORTED.vendorCode()) {
            return new SQLFeatureNotSupportedException(message, state, code, cause);
        } else if (NON_TRANSIENT.contains(code)) {
            return new SQLNonTransientException(message, state, code, cause);
        } else if (TIMEOUT.contains(code)) {
            return new SQLTimeoutException(message, state, code, cause);
        } else if (SYNTAX.contains(code)) {
            return new SQLSyntaxErrorException(message, state, code, cause);
        } else if (DATA.contains(code)) {
            return new SQLDataException(message, state, code, cause);
        } else if (CONNECTION.contains(code)) {
            return new SQLNonTransientConnectionException(message, state, code, cause);
        } else if (TRANSIENT.contains(code)) {
            return new SQLTransientException(message, state, code, cause);
        }
        return new SQLException(message, state, code, cause);
    }

    /** Codes above those of H2: classes 53 and 57 pass by themselves, the others do not. */
    private static SQLException ownFailure(String message, String state, int code, @Nullable Throwable cause) {
        return state.startsWith("57") || state.startsWith("53")
                ? new SQLTransientException(message, state, code, cause)
                : new SQLNonTransientException(message, state, code, cause);
    }
}
