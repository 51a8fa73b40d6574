package org.deuterium.router.catalog;

import java.util.List;
import org.deuterium.values.ColumnDescriptions;
import org.deuterium.values.StatementTime;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.result.ResultInterface;
import org.h2.value.Value;

/** Runs what the catalog's H2 can answer alone. */
final class CatalogQueries {

    /** A query of the catalog that runs longer than this is a mistake (a product of its views). */
    private static final int TIMEOUT_MILLIS = 30_000;

    private CatalogQueries() {}

    static Value evaluate(SessionLocal session, String expression) {
        CommandInterface command = session.prepareCommand("CALL " + expression);
        try (ResultInterface result = command.executeQuery(1, 1, false)) {
            result.next();
            return result.currentRow()[0];
        } finally {
            command.close();
        }
    }

    static RowsPage query(
            SessionLocal session, StatementTime time, String sql, ParameterRows parameters, long maxRows) {
        time.setOn(session);
        session.setQueryTimeout(TIMEOUT_MILLIS);
        CommandInterface command = session.prepareCommand(sql);
        try {
            List<? extends ParameterInterface> wanted = command.getParameters();
            WireReader values = new WireReader(parameters.values());
            for (ParameterInterface parameter : wanted.subList(0, Math.min(wanted.size(), parameters.perSet()))) {
                parameter.setValue(ValueCodec.read(values), false);
            }
            for (ParameterInterface parameter : wanted) {
                parameter.checkSet();
            }
            try (ResultInterface result = command.executeQuery(maxRows, 0, false)) {
                return page(result);
            }
        } finally {
            command.close();
        }
    }

    static RowsPage page(ResultInterface result) {
        WireWriter rows = new WireWriter();
        int count = 0;
        int columns = result.getVisibleColumnCount();
        while (result.next()) {
            Value[] row = result.currentRow();
            for (int i = 0; i < columns; i++) {
                ValueCodec.write(row[i], rows);
            }
            count++;
        }
        return new RowsPage(ColumnDescriptions.of(result), count, rows.toByteArray(), RowsPage.NO_MORE);
    }
}
