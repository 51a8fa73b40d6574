package org.deuterium.router.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.deuterium.values.ColumnDescriptions;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.statement.ColumnDescription;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.query.Query;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.expression.Parameter;
import org.h2.result.ResultInterface;
import org.h2.schema.Sequence;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.DualTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.Table;
import org.h2.table.TableValueConstructorTable;
import org.h2.table.TableView;
import org.h2.util.MathUtils;
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueToObjectConverter;

/** Asks H2 about a statement by preparing it, never by running it. */
final class StatementReader {

    private StatementReader() {}

    static StatementFacts read(SessionLocal session, CatalogSnapshot snapshot, String sql) {
        Prepared prepared = session.prepare(sql);
        List<ColumnDescription> columns = new ArrayList<>();
        List<String> types = new ArrayList<>();
        if (prepared.isQuery()) {
            ResultInterface meta = prepared.queryMeta();
            if (meta != null) {
                columns = ColumnDescriptions.of(meta);
                for (int i = 0; i < meta.getVisibleColumnCount(); i++) {
                    types.add(
                            meta.getColumnType(i).getSQL(new StringBuilder(), 0).toString());
                }
            }
        }
        List<ColumnDescription> parameters = new ArrayList<>();
        for (Parameter parameter : prepared.getParameters()) {
            parameters.add(describe(parameter));
        }
        boolean query = prepared.isQuery();
        Set<DbObject> dependencies = dependencies(prepared);
        // H2 takes SELECT ... FROM FINAL TABLE (INSERT ...) for read-only.
        boolean readOnly =
                prepared.isReadOnly() && dependencies.stream().noneMatch(DataChangeDeltaTable.class::isInstance);
        boolean catalogOnly = readOnly && readsOnlyCatalog(prepared, dependencies);
        boolean locks = prepared instanceof Query && SqlTokens.forUpdate(SqlTokens.of(sql));
        return new StatementFacts(
                snapshot, prepared.getType(), query, readOnly, locks, catalogOnly, parameters, columns, types);
    }

    private static Set<DbObject> dependencies(Prepared prepared) {
        HashSet<DbObject> dependencies = new HashSet<>();
        prepared.collectDependencies(dependencies);
        return dependencies;
    }

    private static boolean readsOnlyCatalog(Prepared prepared, Set<DbObject> dependencies) {
        if (!(prepared instanceof Query)) {
            // SHOW and the like; CALL does not tell what its expression reads.
            return prepared.isQuery() && prepared.getType() != CommandInterface.CALL;
        }
        for (DbObject dependency : dependencies) {
            boolean ofCatalog = dependency instanceof DualTable
                    || dependency instanceof TableValueConstructorTable
                    || (dependency instanceof Table table
                            && table.getSchema().getName().equals("INFORMATION_SCHEMA"));
            boolean derived = dependency instanceof QueryExpressionTable && !(dependency instanceof TableView);
            if (!ofCatalog && !derived && (dependency instanceof Table || dependency instanceof Sequence)) {
                return false;
            }
        }
        return true;
    }

    private static ColumnDescription describe(Parameter parameter) {
        TypeInfo type = parameter.getType();
        if (type.getValueType() == Value.UNKNOWN) {
            type = TypeInfo.TYPE_VARCHAR;
        }
        return new ColumnDescription(
                "",
                "",
                "",
                "",
                ValueCodec.typeOf(type.getValueType()),
                type.getDeclaredTypeName(),
                DataType.convertTypeToSQLType(type),
                MathUtils.convertLongToInt(type.getPrecision()),
                type.getScale(),
                type.getDisplaySize(),
                parameter.getNullable(),
                false,
                ValueToObjectConverter.getDefaultClass(type.getValueType(), true)
                        .getName());
    }
}
