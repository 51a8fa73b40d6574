package org.deuterium.router.catalog;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Schema;
import org.h2.schema.SchemaObject;
import org.h2.table.Table;
import org.h2.util.HasSQL;
import org.h2.util.TimeZoneProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One empty H2 database in memory, to which schema changes are applied one after another; used by one thread at a time. */
final class SchemaDatabase implements AutoCloseable {

    /** Clients' statements run as this user, who has no rights beyond reading and changing rows. */
    static final String CLIENT_USER = "SA";

    static final String CLIENT_PASSWORD = "";

    private static final Logger LOG = LoggerFactory.getLogger(SchemaDatabase.class);

    private static final String OWNER = "DEUTERIUM";

    private final String url;
    private final JdbcConnection owner;
    private final SessionLocal session;
    private final Map<String, PartitionedTable> partitioned = new HashMap<>();
    private final Set<String> replicated = new HashSet<>();
    private final Set<String> sets = new LinkedHashSet<>(List.of(PartitionSetSpec.HOME.name()));

    SchemaDatabase(String name) {
        url = "jdbc:h2:mem:" + UUID.randomUUID() + "/" + name;
        try {
            owner = new JdbcConnection(
                    url, new Properties(), OWNER, UUID.randomUUID().toString(), false);
        } catch (SQLException e) {
            throw H2Failures.refused(e);
        }
        session = (SessionLocal) owner.getSession();
        session.setTimeZone(TimeZoneProvider.UTC); // as replicas read changes
        run("CREATE USER " + CLIENT_USER + " PASSWORD ''");
        grant();
    }

    /**
     * What the schema consists of: enough to tell whether it is the same again.
     *
     * @param objects H2's number of each object, and that of its last modification
     */
    record Picture(
            Map<Integer, Long> objects,
            Map<String, PartitionedTable> partitioned,
            Set<String> replicated,
            Set<String> sets) {}

    Picture picture() {
        return new Picture(objects(), partitioned(), Set.copyOf(replicated), sets());
    }

    private Map<Integer, Long> objects() {
        Map<Integer, Long> objects = new HashMap<>();
        for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
            objects.put(schema.getId(), schema.getModificationId());
            for (SchemaObject object : schema.getAll(null)) {
                objects.put(object.getId(), object.getModificationId());
            }
        }
        return objects;
    }

    /** Drops the tables that came since; false if the schema has not the same objects then. */
    boolean dropNewTables(Picture before) {
        for (Table table : tables().values()) {
            if (!before.objects().containsKey(table.getId())) {
                try {
                    run("DROP TABLE " + table.getSQL(HasSQL.DEFAULT_SQL_FLAGS));
                } catch (StatementRefusedException e) {
                    LOG.debug("table {} is not dropped", table, e);
                    return false;
                }
            }
        }
        partitioned.clear();
        partitioned.putAll(before.partitioned());
        replicated.clear();
        replicated.addAll(before.replicated());
        sets.clear();
        sets.addAll(before.sets());
        return objects().keySet().equals(before.objects().keySet());
    }

    /** A session of a client; H2's own exception if the user or password is wrong. */
    JdbcConnection connect(String user, String password) throws SQLException {
        return new JdbcConnection(url, new Properties(), user, password, false);
    }

    CatalogSnapshot snapshot(long version) {
        return SchemaReader.read(version, session.getDatabase(), partitioned, replicated, sets);
    }

    /** The partitioned tables of this schema by SCHEMA.TABLE; changes with the next change. */
    Map<String, PartitionedTable> partitioned() {
        return Map.copyOf(partitioned);
    }

    /** The names of the sets of partitions that tables are or were in; changes with the next change. */
    Set<String> sets() {
        return new LinkedHashSet<>(sets);
    }

    /**
     * Checks what the last change made of the schema.
     *
     * @param change the last change
     * @param schema that in which its names are meant
     * @param before the partitioned tables before it
     * @throws StatementRefusedException if the partitions could not keep their promises alone
     */
    void checkRules(DdlText change, String schema, Map<String, PartitionedTable> before) {
        SchemaRules.check(session.getDatabase(), before, partitioned, replicated);
        Schema current = session.getDatabase().findSchema(schema);
        String column = change.recomputedColumn();
        Table changed = column == null || current == null ? null : find(change, current);
        PartitionedTable spread = changed == null ? null : partitioned.get(nameOf(changed));
        if (column != null && spread != null && spread.keyPosition(column) >= 0) {
            throw StatementRefusedException.notSupported("partition column " + column + " of "
                    + spread.qualifiedName()
                    + " cannot get other values by ALTER TABLE ... USING, whose rows stay where "
                    + "they are; UPDATE the column, which moves them");
        }
        if (changed != null
                && (spread != null || replicated.contains(nameOf(changed)))
                && SqlTokens.of(change.partitionSql()).stream().anyMatch(token -> token.isWord("SELECT"))) {
            throw StatementRefusedException.notSupported("ALTER TABLE ... USING with a sub-query is not supported for "
                    + nameOf(changed) + ": it would see in each partition the rows of that one only; make the change"
                    + " without it, then UPDATE the rows");
        }
    }

    /** The REPLICATED tables, each behind those its foreign keys lead to. */
    List<ReplicatedTable> replicated() {
        return new ReplicatedTables(session.getDatabase(), replicated)
                .inOrder().stream().map(SchemaReader::replicated).toList();
    }

    /**
     * Runs a change.
     *
     * @throws StatementRefusedException if it cannot be done; H2 may then have done a part of it
     */
    DdlText apply(CatalogChange change) {
        List<SqlToken> tokens = SqlTokens.of(change.sql());
        DdlText ddl = DdlText.read(change.sql(), tokens);
        Map<String, Table> before = tables();
        Schema current = session.getDatabase().getSchema(change.schema());
        Table existing = find(ddl, current);
        session.setCurrentSchema(current);
        run(ddl.partitionSql());
        grant();
        followTables(before);
        Table created = find(ddl, current);
        if (ddl.clause() != null && ddl.clause().replicated() && created != null && existing == null) {
            replicated.add(nameOf(created));
        } else if (ddl.clause() != null && created != null && existing == null) {
            PartitionSetSpec set = setFor(ddl.clause(), current);
            PartitionedTable spread = SchemaReader.partition(created, ddl.clause(), set, session);
            partitioned.put(spread.qualifiedName(), spread);
            sets.add(set.name());
        }
        return ddl;
    }

    /** Runs a change of the past; one that fails has no effect, or here the same part of one as wherever it was replayed. */
    void replay(CatalogChange change) {
        try {
            apply(change);
        } catch (RuntimeException e) {
            // It failed when its turn came as well, and was reported then.
            LOG.debug("schema version {} fails again in the replay", change.version(), e);
        }
    }

    /** The set of partitions a clause asks for: that of the table it is to be co-located with, or one by its numbers. */
    private PartitionSetSpec setFor(PartitionClause clause, Schema current) {
        List<String> with = clause.colocateWith();
        if (with == null) {
            int count = clause.partitions() == 0 ? PartitionSetSpec.DEFAULT_PARTITIONS : clause.partitions();
            return PartitionSetSpec.hash(count, clause.replicas(), clause.ackRule(), clause.logKind());
        }
        String name = with.size() == 1 ? current.getName() + "." + with.get(0) : String.join(".", with);
        PartitionedTable other = partitioned.get(name);
        if (other == null) {
            throw StatementRefusedException.notSupported("COLOCATE WITH " + name
                    + ": there is no such partitioned table; create it first, or leave the clause out");
        }
        boolean otherNumbers = (clause.partitions() != 0
                        && clause.partitions() != other.set().partitions())
                || (clause.replicas() != 0 && clause.replicas() != other.set().replicas());
        if (clause.ackRule() != null || clause.logKind() != null) {
            throw StatementRefusedException.notSupported("COLOCATE WITH " + name
                    + ": the table shares its set of partitions, with its ACK and LOG; leave them out here, or change"
                    + " them for both by ALTER TABLE ... SET");
        }
        if (otherNumbers || clause.columns().size() != other.key().size()) {
            throw StatementRefusedException.notSupported(
                    "COLOCATE WITH " + name + ", which has " + other.set().name() + " by "
                            + other.key().size() + " column(s): use the same numbers and as many columns");
        }
        return other.set();
    }

    /**
     * Follows the partitioned and REPLICATED tables to what the change made of them: new names of a table or its schema,
     * new types and defaults of partition columns. Drops those that are gone.
     */
    private void followTables(Map<String, Table> before) {
        Map<String, Table> now = tables();
        Map<Integer, Table> byId = new HashMap<>();
        now.values().forEach(table -> byId.put(table.getId(), table));
        for (PartitionedTable old : List.copyOf(partitioned.values())) {
            Table table = followed(old.qualifiedName(), before, now, byId);
            partitioned.remove(old.qualifiedName());
            if (table != null) {
                PartitionedTable present = SchemaReader.present(old, table, session);
                partitioned.put(present.qualifiedName(), present);
            }
        }
        for (String old : List.copyOf(replicated)) {
            Table table = followed(old, before, now, byId);
            replicated.remove(old);
            if (table != null) {
                replicated.add(nameOf(table));
            }
        }
    }

    /** H2 keeps the number of a table it renames, and the name of one it makes anew (ALTER COLUMN, ADD, DROP). */
    private static @Nullable Table followed(
            String name, Map<String, Table> before, Map<String, Table> now, Map<Integer, Table> byId) {
        Table present = now.get(name);
        Table old = before.get(name);
        return present != null || old == null ? present : byId.get(old.getId());
    }

    /** H2's tables by SCHEMA.TABLE. */
    private Map<String, Table> tables() {
        Map<String, Table> tables = new HashMap<>();
        for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                tables.put(nameOf(table), table);
            }
        }
        return tables;
    }

    private static String nameOf(Table table) {
        return table.getSchema().getName() + "." + table.getName();
    }

    private @Nullable Table find(DdlText ddl, Schema current) {
        if (ddl.tableName() == null) {
            return null;
        }
        Schema schema =
                ddl.tableSchema() == null ? current : session.getDatabase().findSchema(ddl.tableSchema());
        return schema == null ? null : schema.findTableOrView(session, ddl.tableName());
    }

    /** Rights on every schema there is; giving them again changes nothing. */
    private void grant() {
        for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
            run("GRANT SELECT, INSERT, UPDATE, DELETE ON SCHEMA \""
                    + schema.getName().replace("\"", "\"\"") + "\" TO " + CLIENT_USER);
        }
    }

    private void run(String sql) {
        try {
            CommandInterface command = session.prepareCommand(sql);
            command.executeUpdate(null);
            command.close();
        } catch (RuntimeException e) {
            throw H2Failures.refused(e);
        }
    }

    @Override
    public void close() {
        try {
            owner.close();
        } catch (SQLException e) {
            throw H2Failures.refused(e);
        }
    }
}
