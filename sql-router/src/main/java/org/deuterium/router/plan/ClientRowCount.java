package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import org.apache.calcite.sql.SqlDynamicParam;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.statement.ParameterRows;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.jspecify.annotations.Nullable;

/** A number of rows as the client wrote it: a number or a parameter. */
record ClientRowCount(long literal, int parameter) implements RowLimit.RowCount {

    static @Nullable ClientRowCount of(@Nullable SqlNode node) {
        if (node == null) {
            return null;
        }
        if (node instanceof SqlDynamicParam dynamic) {
            return new ClientRowCount(0, dynamic.getIndex());
        }
        if (node instanceof SqlLiteral number && number.bigDecimalValue() != null) {
            return new ClientRowCount(number.bigDecimalValue().longValue(), -1);
        }
        throw notSupported("OFFSET or FETCH over several partitions must be a number or a parameter, not " + node);
    }

    @Override
    public long value(ParameterRows parameters, int set) {
        if (parameter < 0) {
            return literal;
        }
        WireReader in = new WireReader(parameters.values());
        for (long skip = (long) set * parameters.perSet() + parameter; skip > 0; skip--) {
            WireValues.skip(in);
        }
        Value value = ValueCodec.read(in);
        return value == ValueNull.INSTANCE ? RowLimit.ALL : value.getLong();
    }

    @Override
    public String toString() {
        return parameter < 0 ? String.valueOf(literal) : "?" + (parameter + 1);
    }
}
