package org.deuterium.wire;

/**
 * Every way a request can fail that is Deuterium's own; failures inside H2 travel with H2's code and SQLState as
 * {@link #SQL_ERROR}. {@code vendorCode} is what {@code SQLException.getErrorCode()} gives: H2's number where H2 knows
 * the situation, else one above 190000, which H2 does not use.
 */
public enum ErrorCode {
    /** H2 refused or failed; SQLState and vendor code are H2's own. */
    SQL_ERROR(1, "HY000", 50000, false),
    NOT_SUPPORTED(2, "0A000", 50100, false),
    /** The node asked does not lead the partition (any more); surely nothing was done. */
    NOT_LEADER(3, "57P01", 190003, true),
    /** The partition has no leader for longer than the router waits; surely nothing was done. */
    NO_LEADER(4, "57P03", 190004, true),
    /** The statement was planned for another schema version; surely nothing was done. */
    STALE_SCHEMA(5, "57P04", 190005, true),
    /** A write may or may not have happened; look for its effect before doing it again. (SQL standard class 08.) */
    OUTCOME_UNKNOWN(6, "08007", 190006, false),
    /** The transaction was rolled back by the system (its leader changed, a deadlock); run it again. */
    TRANSACTION_ROLLED_BACK(7, "40001", 40001, true),
    /** A row or table stayed locked for longer than the lock timeout; the statement was rolled back. */
    LOCK_TIMEOUT(8, "HYT00", 50200, true),
    STATEMENT_CANCELED(9, "57014", 57014, false),
    /** No connection to any host of the URL, or the connection broke while nothing was in doubt. */
    CONNECTION_BROKEN(10, "08006", 90067, true),
    /** The server refused the log-in. */
    WRONG_USER_OR_PASSWORD(11, "28000", 28000, false),
    DATABASE_NOT_FOUND(12, "90146", 90146, false),
    /** A message that is none, too large, or not expected now. */
    PROTOCOL_VIOLATION(13, "08P01", 190013, false),
    /** A message larger than a frame may be: a request was not sent, the statement of such an answer was not done. */
    MESSAGE_TOO_LARGE(14, "54000", 190014, false),
    /** A schema change met a condition that makes it impossible now. */
    SCHEMA_CHANGE_REFUSED(15, "55006", 190015, false),
    /** Work refused because the node is stopping or starting. */
    NOT_READY(16, "57P03", 190016, true),
    INTERNAL_ERROR(17, "XX000", 50000, false),
    /** Memory, cursors or transactions beyond a set limit. */
    LIMIT_EXCEEDED(18, "53000", 190018, false),
    /** A cursor or prepared statement that does not exist (any more). */
    NO_SUCH_HANDLE(19, "34000", 90007, false),
    /** A follower is further behind than the session allows; surely nothing was done, and the leader can answer. */
    REPLICA_BEHIND(20, "57P03", 190020, true),
    /** LOG STATEMENT: the statement need not give the same rows on every replica, so its text cannot be logged. */
    NOT_REPEATABLE(21, "55000", 190021, false),
    /** Fewer replicas are in sync than MIN_IN_SYNC asks for: the write was not taken, try again when they are back. */
    TOO_FEW_IN_SYNC(22, "57P05", 190022, true),
    /** The leader cannot be sure that it still leads, so it does not say what it read; surely nothing was done. */
    NO_LEASE(23, "57P06", 190023, true),
    /** A setting or a session token with a value that it cannot have. */
    INVALID_VALUE(24, "90008", 90008, false),
    /** It was done and committed, but rows or generated keys it gave were lost: surely not to be done again. */
    ANSWER_LOST(25, "08P03", 190025, false),
    /** KILL TRANSACTION ended it; nothing of it was committed. */
    TRANSACTION_KILLED(26, "57014", 190026, false),
    /** The client left it idle for longer than the session's idle transaction timeout; nothing of it was committed. */
    IDLE_TRANSACTION(27, "25P03", 190027, true),
    /** KILL TRANSACTION came too late: the transaction is being committed. */
    TRANSACTION_COMMITTING(28, "55000", 190028, false),
    /** A partition could not show the state of the moment asked for, with others; surely nothing was done. */
    CUT_MISSED(29, "57P07", 190029, true),
    /** A timestamp from a node whose clock is far ahead of this one's: set the clocks of the machines (NTP). */
    CLOCK_AHEAD(30, "57P08", 190030, false),
    /** AS OF a moment of which the leaders do not keep the state: too long ago, or not yet, or another leader's. */
    STATE_NOT_RETAINED(31, "72000", 190031, false),
    /** A transaction that only reads was to change or lock something; nothing was done. (SQL standard class 25.) */
    READ_ONLY_TRANSACTION(32, "25006", 190032, false),
    /** A setting that must come before the first statement of a transaction. (SQL standard class 25.) */
    TRANSACTION_BEGUN(33, "25001", 190033, false);

    private static final ErrorCode[] BY_NUMBER = new ErrorCode[ErrorCode.values().length + 1];

    static {
        for (ErrorCode code : values()) {
            BY_NUMBER[code.number] = code;
        }
    }

    private final int number;
    private final String sqlState;
    private final int vendorCode;
    private final boolean retryable;

    ErrorCode(int number, String sqlState, int vendorCode, boolean retryable) {
        this.number = number;
        this.sqlState = sqlState;
        this.vendorCode = vendorCode;
        this.retryable = retryable;
    }

    public static ErrorCode ofNumber(int number) {
        if (number < 1 || number >= BY_NUMBER.length) {
            throw new MalformedMessageException("unknown error code " + number);
        }
        return BY_NUMBER[number];
    }

    /** The number on the wire; never changed, never used again. */
    public int number() {
        return number;
    }

    public String sqlState() {
        return sqlState;
    }

    public int vendorCode() {
        return vendorCode;
    }

    /** True when the same request, or the whole transaction, may be sent again without harm. */
    public boolean retryable() {
        return retryable;
    }
}
