package org.deuterium.wire.statement;

import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * The parameters of a statement: one set for an execution, several for a batch.
 *
 * @param sets how many sets
 * @param perSet how many values in each
 * @param values {@code sets * perSet} values one after another (see {@link org.deuterium.wire.ValueType})
 */
public record ParameterRows(int sets, int perSet, byte[] values) {

    public static final ParameterRows NONE = new ParameterRows(1, 0, new byte[0]);

    public void encode(WireWriter out) {
        out.writeVInt(sets).writeVInt(perSet).writeBytes(values);
    }

    public static ParameterRows decode(WireReader in) {
        return new ParameterRows(in.readVInt(), in.readVInt(), in.readBytes());
    }
}
