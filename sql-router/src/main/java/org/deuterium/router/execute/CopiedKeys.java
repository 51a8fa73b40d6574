package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.catalog.ReplicatedTable.StoredColumn;
import org.deuterium.router.plan.WireValues;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.jspecify.annotations.Nullable;

/** Takes whole rows of a REPLICATED table apart: the columns its copies are made of, and those the client wants as keys. */
final class CopiedKeys {

    private final List<StoredColumn> columns;
    private final List<Integer> wanted;
    private final WireWriter keys = new WireWriter();

    /**
     * @param columns all columns of the table, as they stand in the rows
     * @throws StatementFailedException if the client wants a column that is not there, as H2 says it
     */
    CopiedKeys(List<StoredColumn> columns, KeysWanted client) {
        this.columns = columns;
        this.wanted = places(columns, client);
    }

    private static List<Integer> places(List<StoredColumn> columns, KeysWanted client) {
        List<Integer> places = new ArrayList<>();
        switch (client.kind()) {
            case NONE -> {}
            case ALL -> {
                for (int i = 0; i < columns.size(); i++) {
                    if (columns.get(i).generatedKey()) {
                        places.add(i);
                    }
                }
            }
            case NAMES -> client.columns().forEach(name -> places.add(place(columns, name)));
            case INDEXES -> {
                for (String index : client.columns()) {
                    int place = Integer.parseInt(index) - 1;
                    if (place < 0 || place >= columns.size()) {
                        throw notFound("Column index: " + index);
                    }
                    places.add(place);
                }
            }
        }
        return places;
    }

    private static int place(List<StoredColumn> columns, String name) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equals(name)) {
                return i;
            }
        }
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).name().equalsIgnoreCase(name)) {
                return i;
            }
        }
        throw notFound(name);
    }

    private static StatementFailedException notFound(String column) {
        return new StatementFailedException(
                new Failure(ErrorCode.SQL_ERROR, "42S22", 42122, "Column \"" + column + "\" not found", false));
    }

    /** Reads the next rows, and gives what a copy of each is made of. */
    ParameterRows take(WireReader in, int rows) {
        WireWriter out = new WireWriter();
        int[] starts = new int[columns.size() + 1];
        int given = (int) columns.stream().filter(column -> !column.computed()).count();
        for (int row = 0; row < rows; row++) {
            for (int i = 0; i < columns.size(); i++) {
                starts[i] = in.position();
                WireValues.skip(in);
            }
            starts[columns.size()] = in.position();
            for (int i = 0; i < columns.size(); i++) {
                if (!columns.get(i).computed()) {
                    out.writeRaw(in.array(), starts[i], starts[i + 1] - starts[i]);
                }
            }
            for (int place : wanted) {
                keys.writeRaw(in.array(), starts[place], starts[place + 1] - starts[place]);
            }
        }
        return new ParameterRows(rows, given, out.toByteArray());
    }

    /** The keys of all rows taken, or null if the client wants none. */
    @Nullable
    RowsPage ofClient(RowsPage changed) {
        List<ColumnDescription> described = changed.columns();
        if (wanted.isEmpty()) {
            return null;
        }
        List<ColumnDescription> own =
                described == null ? null : wanted.stream().map(described::get).toList();
        return new RowsPage(own, changed.rowCount(), keys.toByteArray(), RowsPage.NO_MORE);
    }
}
