package org.deuterium.wire.client;

import org.deuterium.wire.Message;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ParameterRows;

/**
 * Calls a method of java.sql.DatabaseMetaData on the catalog; answered by a RowsPage with columns. A method that
 * returns a scalar gives one row of one column.
 *
 * @param method its name
 * @param arguments its arguments: one set, ARRAY for String[] and int[], INTEGER, BOOLEAN, VARCHAR or NULL
 */
public record DescribeCatalog(String method, ParameterRows arguments) implements Message {

    @Override
    public int code() {
        return ClientMessages.DESCRIBE_CATALOG;
    }

    @Override
    public void encode(WireWriter out) {
        out.writeString(method);
        arguments.encode(out);
    }

    static DescribeCatalog decode(WireReader in) {
        return new DescribeCatalog(in.readString(), ParameterRows.decode(in));
    }
}
