package org.deuterium.wire.statement;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * What a data change, or a batch of them, did.
 *
 * @param counts for each set of parameters the number of changed rows, or {@code Statement.EXECUTE_FAILED} (-3)
 * @param failures why the sets counted as -3 failed, in the same order; empty for a single execution (that fails as a
 *     whole with a {@link Failure} instead)
 * @param generatedKeys the keys asked for, or null
 */
public record UpdateCounts(
        long[] counts, List<Failure> failures, @Nullable RowsPage generatedKeys) implements Message {

    /** Bytes of an answer that surely fit into a frame with what may be around it. */
    public static final int LARGEST = MessageCodec.MAX_FRAME_BYTES - (1 << 10);

    public static UpdateCounts of(long count) {
        return new UpdateCounts(new long[] {count}, List.of(), null);
    }

    /**
     * Why no message can hold it, told before the change is committed: whoever gives it then undoes the change. Null if it
     * fits, also with its position around it.
     */
    public @Nullable Failure refusal() {
        WireWriter beside = new WireWriter();
        failures.forEach(failure -> failure.encode(beside));
        if (generatedKeys != null && generatedKeys.columns() != null) {
            ColumnDescription.encodeAll(generatedKeys.columns(), beside);
        }
        long bytes = beside.size() + 10L * counts.length + (generatedKeys == null ? 0 : generatedKeys.rows().length);
        return bytes <= LARGEST ? null : tooLarge(bytes);
    }

    /** What is told instead of keys of so many bytes. */
    public static Failure tooLarge(long bytes) {
        return Failure.of(
                ErrorCode.MESSAGE_TOO_LARGE,
                "The generated keys would take " + bytes + " bytes or more, and an answer holds " + LARGEST
                        + "; the statement was not done: name the columns wanted (prepareStatement with column names)"
                        + " instead of all, or change fewer rows at once");
    }

    @Override
    public int code() {
        return StatementMessages.UPDATE_COUNTS;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVInt(counts.length);
        for (long count : counts) {
            out.writeZLong(count);
        }
        out.writeVInt(failures.size());
        for (Failure failure : failures) {
            failure.encode(out);
        }
        out.writeBoolean(generatedKeys != null);
        if (generatedKeys != null) {
            generatedKeys.encode(out);
        }
    }

    static UpdateCounts decode(WireReader in) {
        long[] counts = new long[in.readCount()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = in.readZLong();
        }
        int failureCount = in.readCount();
        List<Failure> failures = new ArrayList<>(failureCount);
        for (int i = 0; i < failureCount; i++) {
            failures.add(Failure.decode(in));
        }
        return new UpdateCounts(counts, failures, in.readBoolean() ? RowsPage.decode(in) : null);
    }
}
