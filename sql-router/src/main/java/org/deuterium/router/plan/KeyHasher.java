package org.deuterium.router.plan;

import java.util.List;
import org.deuterium.router.catalog.HashType;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.deuterium.router.catalog.Partitioner;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.plan.rule.KeyOperand;
import org.deuterium.router.plan.rule.KeyTuple;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.ParameterRows;
import org.h2.value.Value;

/**
 * Hashes one key without alternatives. Integers and strings are hashed from their bytes on the wire; every other value
 * goes through H2's own conversion to the column's type.
 */
final class KeyHasher {

    private final PartitionColumn[] columns;
    private final KeyOperand[] operands;
    private final boolean assigned;

    KeyHasher(KeyTuple key) {
        columns = key.columns().toArray(PartitionColumn[]::new);
        operands = new KeyOperand[columns.length];
        List<List<KeyOperand>> alternatives = key.alternatives();
        for (int i = 0; i < operands.length; i++) {
            operands[i] = alternatives.get(i).get(0);
        }
        assigned = key.assigned();
    }

    boolean isConstant() {
        for (KeyOperand operand : operands) {
            if (operand.constant() == null) {
                return false;
            }
        }
        return true;
    }

    /** The key's slot, or {@link Routing#SEVERAL} if rows that equal it may be in several. */
    int slot(ParameterRows parameters, int set) {
        long hash = 0;
        KeyValue value = new KeyValue();
        for (int i = 0; i < columns.length; i++) {
            Value constant = operands[i].constant();
            if (constant == null) {
                hashParameter(parameters, set, i, value);
            } else {
                value.hash(constant, columns[i], assigned);
            }
            if (value.several) {
                return Routing.SEVERAL;
            }
            hash = i == 0 ? value.hash : Partitioner.combine(hash, value.hash);
        }
        return Partitioner.slot(hash);
    }

    private void hashParameter(ParameterRows parameters, int set, int column, KeyValue into) {
        int index = operands[column].parameter();
        if (index >= parameters.perSet()) {
            throw new StatementRefusedException(new Failure(
                    ErrorCode.SQL_ERROR, "90012", 90012, "Parameter \"#" + (index + 1) + "\" is not set", false));
        }
        WireReader in = new WireReader(parameters.values());
        for (long skip = (long) set * parameters.perSet() + index; skip > 0; skip--) {
            WireValues.skip(in);
        }
        PartitionColumn target = columns[column];
        into.several = false;
        if (fast(in, target, into)) {
            return;
        }
        into.hash(ValueCodec.read(in), target, assigned);
    }

    /** Hashes what needs no conversion; false leaves the reader where it was. */
    private static boolean fast(WireReader in, PartitionColumn column, KeyValue into) {
        if (in.remaining() == 0) {
            return false;
        }
        ValueType type = ValueType.ofCode(in.array()[in.position()]);
        HashType hashType = column.hashType();
        if (hashType == HashType.NUMBER && (type == ValueType.INTEGER || type == ValueType.BIGINT)) {
            in.skip(1);
            into.hash = Partitioner.hash(in.readZLong());
            return true;
        }
        if (type == ValueType.VARCHAR && (hashType == HashType.TEXT || hashType == HashType.PADDED_TEXT)) {
            in.skip(1);
            int length = in.readCount();
            into.hash = hashType == HashType.TEXT
                    ? Partitioner.hash(in.array(), in.position(), length)
                    : Partitioner.hashPadded(in.array(), in.position(), length);
            return true;
        }
        return false;
    }

    /** The hash of one value, or that equal values hash differently. */
    private static final class KeyValue {

        long hash;
        boolean several;

        void hash(Value value, PartitionColumn column, boolean assigned) {
            several = false;
            Value converted = KeyConversion.convert(value, column, assigned);
            several = converted == null;
            hash = converted == null ? 0 : Partitioner.hash(converted, column.hashType());
        }
    }
}
