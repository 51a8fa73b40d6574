package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.deuterium.router.catalog.PartitionedTable.PartitionColumn;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.index.Index;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.IndexColumn;
import org.h2.table.Table;
import org.h2.table.TableView;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/** Reads H2's objects into the planner's records. */
final class SchemaReader {

    private SchemaReader() {}

    /**
     * The whole schema.
     *
     * @param replicated the names SCHEMA.TABLE of the REPLICATED tables
     * @param sets the names of the sets of partitions
     */
    static CatalogSnapshot read(
            long version,
            Database database,
            Map<String, PartitionedTable> partitioned,
            Set<String> replicated,
            Collection<String> sets) {
        Map<String, CatalogTable> tables = new HashMap<>();
        Set<String> spread = new HashSet<>();
        Set<String> copied = new HashSet<>();
        Set<String> schemas = new HashSet<>();
        schemas.add("INFORMATION_SCHEMA");
        for (Schema schema : database.getAllSchemasNoMeta()) {
            schemas.add(schema.getName());
            for (Table table : schema.getAllTablesAndViews(null)) {
                String name = schema.getName() + "." + table.getName();
                tables.put(name, tableOf(table, partitioned.get(name), replicated.contains(name)));
                if (partitioned.containsKey(name) || dependsOn(table, partitioned.keySet())) {
                    spread.add(table.getName().toUpperCase(Locale.ROOT));
                }
                if (replicated.contains(name) || dependsOn(table, replicated)) {
                    copied.add(table.getName().toUpperCase(Locale.ROOT));
                }
            }
        }
        return new CatalogSnapshot(version, schemas, tables, spread, copied, List.copyOf(sets));
    }

    private static CatalogTable tableOf(Table table, @Nullable PartitionedTable partitioned, boolean replicated) {
        List<String> columns = new ArrayList<>();
        for (Column column : table.getColumns()) {
            columns.add(column.getName());
        }
        List<Set<String>> keys = new ArrayList<>();
        List<Index> indexes = table.getIndexes();
        if (indexes != null) {
            for (Index index : indexes) {
                if (index.getIndexType().isUnique() && !index.getIndexType().isScan()) {
                    Set<String> key = new LinkedHashSet<>();
                    for (IndexColumn column : index.getIndexColumns()) {
                        key.add(column.column.getName());
                    }
                    keys.add(key);
                }
            }
        }
        String viewSql = table instanceof TableView view ? view.getQuerySQL() : null;
        return new CatalogTable(
                table.getSchema().getName(),
                table.getName(),
                columns,
                keys,
                partitioned,
                partitioned == null ? null : MovableRows.of(table, keys),
                replicated ? replicated(table) : null,
                viewSql);
    }

    /** A REPLICATED table as its copies are written. */
    static ReplicatedTable replicated(Table table) {
        List<ReplicatedTable.StoredColumn> columns = new ArrayList<>();
        Index primaryKey = table.findPrimaryKey();
        Set<String> key = new HashSet<>();
        if (primaryKey != null) {
            for (IndexColumn column : primaryKey.getIndexColumns()) {
                key.add(column.column.getName());
            }
        }
        for (Column column : table.getColumns()) {
            Expression byDefault = column.getEffectiveDefaultExpression();
            boolean inKey = key.contains(column.getName());
            // As H2's CommandContainer chooses them.
            boolean generated = inKey || (byDefault != null && !byDefault.isConstant());
            columns.add(new ReplicatedTable.StoredColumn(column.getName(), inKey, column.isGenerated(), generated));
        }
        return new ReplicatedTable(table.getSchema().getName(), table.getName(), columns);
    }

    private static boolean dependsOn(Table table, Set<String> names) {
        HashSet<DbObject> dependencies = new HashSet<>();
        table.addDependencies(dependencies);
        for (DbObject dependency : dependencies) {
            if (dependency instanceof Table other
                    && names.contains(other.getSchema().getName() + "." + other.getName())) {
                return true;
            }
        }
        return false;
    }

    /**
     * The partitioned table that a new table becomes.
     *
     * @throws StatementRefusedException if its columns cannot decide the partition
     */
    static PartitionedTable partition(Table table, PartitionClause clause, PartitionSetSpec set, SessionLocal session) {
        String schema = table.getSchema().getName();
        List<PartitionColumn> key = new ArrayList<>();
        for (String name : clause.columns()) {
            Column column = table.findColumn(name);
            if (column == null) {
                throw notSupported(
                        "partition column " + name + " is not among the columns of " + schema + "." + table.getName());
            }
            key.add(keyColumn(table, column, session));
        }
        return new PartitionedTable(schema, table.getName(), set, key);
    }

    /**
     * A partitioned table as a change has left it: its name, and the types and defaults of its partition columns. One
     * that is not there any more stays as it was; {@link SchemaRules} refuses that.
     *
     * @throws StatementRefusedException if its columns cannot decide the partition any more
     */
    static PartitionedTable present(PartitionedTable old, Table table, SessionLocal session) {
        List<PartitionColumn> key = new ArrayList<>();
        for (PartitionColumn column : old.key()) {
            Column now = table.findColumn(column.name());
            key.add(now == null ? column : keyColumn(table, now, session));
        }
        return new PartitionedTable(table.getSchema().getName(), table.getName(), old.set(), key);
    }

    private static PartitionColumn keyColumn(Table table, Column column, SessionLocal session) {
        String where = table.getSchema().getName() + "." + table.getName() + "." + column.getName();
        HashType hashType = HashType.of(column.getType().getValueType());
        if (hashType == null) {
            throw notSupported("partition column " + where + " has the type " + column.getType()
                    + ", which cannot be hashed; use an exact number, a character string, a binary string, BOOLEAN, "
                    + "DATE, TIME, TIMESTAMP or UUID");
        }
        if (column.isGenerated() || column.getEffectiveOnUpdateExpression() != null) {
            throw notSupported("partition column " + where + " is computed by H2 (GENERATED ALWAYS AS, or ON UPDATE); "
                    + "use a column that statements set");
        }
        if (column.isDefaultOnNull()) {
            throw notSupported(
                    "partition column " + where + " has DEFAULT ON NULL: a NULL that a statement gives would "
                            + "be stored as another value; leave ON NULL out");
        }
        String sequence = null;
        Value defaultValue = null;
        Expression expression = column.getEffectiveDefaultExpression();
        if (column.isIdentity()) {
            sequence = where;
        } else if (expression != null) {
            sequence = sequenceOf(expression);
            if (sequence == null && expression.isConstant()) {
                defaultValue = expression.getValue(session);
            }
        }
        boolean computed = expression != null && sequence == null && defaultValue == null;
        return new PartitionColumn(column.getName(), column.getType(), hashType, sequence, defaultValue, computed);
    }

    /** The sequence of a default that is just NEXT VALUE FOR it. */
    private static @Nullable String sequenceOf(Expression expression) {
        if (!(expression instanceof org.h2.expression.SequenceValue)) {
            return null;
        }
        HashSet<DbObject> dependencies = new HashSet<>();
        expression.isEverything(ExpressionVisitor.getDependenciesVisitor(dependencies));
        for (DbObject dependency : dependencies) {
            if (dependency instanceof Sequence sequence) {
                return sequence.getSchema().getName() + "." + sequence.getName();
            }
        }
        return null;
    }
}
