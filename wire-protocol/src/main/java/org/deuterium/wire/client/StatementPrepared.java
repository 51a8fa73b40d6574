package org.deuterium.wire.client;

import java.util.List;
import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;

/**
 * What a statement takes and gives.
 *
 * @param statement its number in this session
 * @param query true if it gives rows
 * @param parameters one for each {@code ?}; only type, typeName, sqlType, precision, scale, nullable and className
 *     mean something
 * @param columns those of its result; empty if it gives none
 */
public record StatementPrepared(
        long statement, boolean query, List<ColumnDescription> parameters, List<ColumnDescription> columns)
        implements Message {

    @Override
    public int code() {
        return ClientMessages.STATEMENT_PREPARED;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeVLong(statement).writeBoolean(query);
        ColumnDescription.encodeAll(parameters, out);
        ColumnDescription.encodeAll(columns, out);
    }

    static StatementPrepared decode(WireReader in) {
        return new StatementPrepared(
                in.readVLong(), in.readBoolean(), ColumnDescription.decodeAll(in), ColumnDescription.decodeAll(in));
    }
}
