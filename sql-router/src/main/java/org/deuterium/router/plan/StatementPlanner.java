package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.List;
import java.util.Set;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.SchemaVerdict;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.SqlTokens;
import org.deuterium.router.catalog.StatementFacts;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** Makes plans, and remembers them by text, schema version and current schema; safe for any number of threads. */
public final class StatementPlanner {

    private static final int MAX_PLANS = 10_000;
    private static final long MAX_BYTES = 64L << 20;

    private static final Set<String> SCHEMA_CHANGES = Set.of("CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT");

    private static final Set<String> DATA_STATEMENTS =
            Set.of("SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "CALL", "SHOW", "(");

    private final CatalogDatabase catalog;
    private final PlanCache cache = new PlanCache(MAX_PLANS, MAX_BYTES);

    public StatementPlanner(CatalogDatabase catalog) {
        this.catalog = catalog;
    }

    /**
     * The plan of a statement against the catalog's present version.
     *
     * @param schema the session's current schema
     * @throws StatementRefusedException with what to tell the client
     */
    public RoutedPlan plan(String sql, String schema) {
        RoutedPlan known = cached(sql, schema);
        if (known != null) {
            return known;
        }
        RoutedPlan plan = make(sql, schema);
        if (plan.kind() != RoutedPlan.Kind.SCHEMA_CHANGE) {
            cache.put(sql, schema, plan);
        }
        return plan;
    }

    /** The plan if it was made before and the schema has not changed since, else null; never blocks. */
    public @Nullable RoutedPlan cached(String sql, String schema) {
        return cache.get(sql, schema, catalog.version());
    }

    private RoutedPlan make(String sql, String schema) {
        List<SqlToken> tokens = SqlTokens.of(sql);
        int end = withoutSemicolons(tokens);
        if (end == 0) {
            return new SessionPlan(plainShape(catalog.version()), SessionPlan.Property.NONE, "");
        }
        for (SqlToken token : tokens.subList(0, end)) {
            if (token.isSymbol(';')) {
                throw notSupported("several statements in one text are not supported; send them one by one");
            }
        }
        String text = end == tokens.size()
                ? sql
                : sql.substring(0, tokens.get(end - 1).end());
        return make(text, schema, tokens.subList(0, end));
    }

    private RoutedPlan make(String sql, String schema, List<SqlToken> tokens) {
        String verb = tokens.get(0).text();
        String second = tokens.size() > 1 ? tokens.get(1).text() : "";
        if (ClusterStatements.isOne(tokens)) {
            return new ClusterStatements(catalog.snapshot(), schema).plan(sql, tokens);
        }
        if (SCHEMA_CHANGES.contains(verb)) {
            SchemaVerdict verdict = catalog.check(schema, sql);
            return new SchemaChangePlan(
                    plainShape(verdict.version()),
                    schema,
                    sql,
                    verdict.partitionSql(),
                    verdict.newSet(),
                    copies(verdict));
        }
        if (verb.equals("SHOW") && Set.of("PARTITIONS", "REPLICAS", "NODES").contains(second)) {
            return new ShowStatements(catalog.snapshot(), schema).plan(sql);
        }
        if (verb.equals("SHOW")
                && second.equals("SESSION")
                && tokens.size() == 3
                && tokens.get(2).isWord("TOKEN")) {
            return new ShowStatements(catalog.snapshot(), schema).of(ShowPlan.Subject.SESSION_TOKEN);
        }
        if (verb.equals("SHOW") && second.equals("TRANSACTIONS") && tokens.size() == 2) {
            return new ShowStatements(catalog.snapshot(), schema).of(ShowPlan.Subject.TRANSACTIONS);
        }
        if (verb.equals("KILL")) {
            return kill(sql, tokens);
        }
        if (verb.equals("EXPLAIN")) {
            return explain(sql, schema, tokens);
        }
        ControlStatements control = new ControlStatements(catalog.snapshot());
        if (verb.equals("SET")) {
            RoutedPlan ours = new ReadSettings(catalog.snapshot()).set(tokens);
            if (ours != null) {
                return ours;
            }
            catalog.prepare(schema, sql);
            return control.set(tokens);
        }
        RoutedPlan transaction = control.transaction(tokens);
        if (transaction != null) {
            if (!verb.equals("START")) {
                catalog.prepare(schema, sql);
            }
            return transaction;
        }
        if (!DATA_STATEMENTS.contains(verb)) {
            // Unknown words are a syntax error of H2's; what H2 knows and Deuterium keeps out is said here.
            catalog.prepare(schema, sql);
            throw notSupported(verb + " is not supported: it would concern one database of many");
        }
        StatementFacts facts = catalog.prepare(schema, sql);
        return new DataStatements(catalog, schema, facts).plan(sql, tokens);
    }

    /** The name may stand in quotes or not, as SHOW TRANSACTIONS gives it. */
    private KillPlan kill(String sql, List<SqlToken> tokens) {
        String name = tokens.size() > 2 && tokens.get(1).isWord("TRANSACTION")
                ? sql.substring(tokens.get(2).start()).replace("'", "").trim()
                : "";
        try {
            return new KillPlan(plainShape(catalog.version()), TransactionId.parse(name));
        } catch (IllegalArgumentException e) {
            throw new StatementRefusedException(new Failure(
                    ErrorCode.SQL_ERROR,
                    "42000",
                    42000,
                    "Syntax error: the form is KILL TRANSACTION 'id', with an id as SHOW TRANSACTIONS gives it",
                    false));
        }
    }

    private ExplainPlan explain(String sql, String schema, List<SqlToken> tokens) {
        int from = 1;
        if (from < tokens.size() && tokens.get(from).isWord("ANALYZE")) {
            throw notSupported("EXPLAIN ANALYZE is not supported yet; use EXPLAIN");
        }
        if (from + 1 < tokens.size()
                && tokens.get(from).isWord("PLAN")
                && tokens.get(from + 1).isWord("FOR")) {
            from += 2;
        }
        if (from >= tokens.size()) {
            catalog.prepare(schema, sql);
            throw notSupported("EXPLAIN of nothing");
        }
        RoutedPlan plan = make(sql.substring(tokens.get(from).start()), schema);
        StatementShape explained = plan.shape();
        StatementShape shape = new StatementShape(
                explained.schemaVersion(),
                true,
                false,
                false,
                false,
                explained.parameters(),
                List.of(TextColumns.column("PLAN", ValueType.VARCHAR)));
        boolean data = plan.kind() == RoutedPlan.Kind.ONE_PARTITION || plan.kind() == RoutedPlan.Kind.GATHER;
        boolean plainRead = data && explained.query() && !explained.writes() && !explained.locks();
        return new ExplainPlan(shape, PlanText.lines(plan), plainRead);
    }

    private static List<SchemaChangePlan.CopiedTable> copies(SchemaVerdict verdict) {
        return verdict.toCopy().stream()
                .map(table -> new SchemaChangePlan.CopiedTable(table, ReplicatedChanges.insertOf(table)))
                .toList();
    }

    static StatementShape plainShape(long version) {
        return new StatementShape(version, false, false, false, false, List.of(), List.of());
    }

    private static int withoutSemicolons(List<SqlToken> tokens) {
        int end = tokens.size();
        while (end > 0 && tokens.get(end - 1).isSymbol(';')) {
            end--;
        }
        return end;
    }
}
