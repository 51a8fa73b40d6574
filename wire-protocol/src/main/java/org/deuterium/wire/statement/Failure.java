package org.deuterium.wire.statement;

import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Why a request was not done.
 *
 * @param error what kind of failure; {@link ErrorCode#SQL_ERROR} carries H2's own state and number
 * @param sqlState five characters, class and subclass
 * @param vendorCode what {@code SQLException.getErrorCode()} gives
 * @param message what, where, and the cure
 * @param transactionEnded true when the whole transaction is over: rolled back, or committed before a schema change that failed
 */
public record Failure(ErrorCode error, String sqlState, int vendorCode, String message, boolean transactionEnded)
        implements Message {

    /** A failure of Deuterium's own, that ends only the statement. */
    public static Failure of(ErrorCode code, String message) {
        return new Failure(code, code.sqlState(), code.vendorCode(), message, false);
    }

    /** A failure that took the whole transaction with it. */
    public static Failure ofTransaction(ErrorCode code, String message) {
        return new Failure(code, code.sqlState(), code.vendorCode(), message, true);
    }

    /** The same, and the transaction that was open before is over. */
    public Failure endingTransaction() {
        return new Failure(error, sqlState, vendorCode, message, true);
    }

    @Override
    public int code() {
        return StatementMessages.FAILURE;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(error.number())
                .writeString(sqlState)
                .writeZLong(vendorCode)
                .writeString(message);
        out.writeBoolean(transactionEnded);
    }

    static Failure decode(WireReader in) {
        return new Failure(
                ErrorCode.ofNumber(in.readVInt()),
                in.readString(),
                (int) in.readZLong(),
                in.readString(),
                in.readBoolean());
    }
}
