package org.deuterium.replica.storage;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.query.Query;
import org.h2.constraint.Constraint;
import org.h2.constraint.ConstraintCheck;
import org.h2.constraint.ConstraintDomain;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.expression.ExpressionVisitor;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.table.Column;
import org.h2.table.DataChangeDeltaTable;
import org.h2.table.QueryExpressionTable;
import org.h2.table.Table;
import org.h2.table.TableView;
import org.h2.util.HasSQL;

/**
 * The tables that can be reached from a parsed statement, a superset of what H2 calls its dependencies. H2 looks through
 * one view, not through a view on a view, nor at the sub-queries of views, derived tables and CTEs; so their queries are
 * visited too. It does not visit the arguments of table functions, rows of VALUES, FETCH and CALL at all: where a text
 * has sub-queries, each table that a word of it names counts as read, at worst without need.
 */
final class ReachedTables {

    /** What a query, or a part of it that may hold one, begins with. */
    private static final Pattern QUERY = Pattern.compile("\\b(SELECT|TABLE|VALUES|CALL)\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern SUB_QUERY = Pattern.compile("\\b(SELECT|TABLE)\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern WORD =
            Pattern.compile("\"((?:[^\"]|\"\")+)\"|`((?:[^`]|``)+)`|[\\p{L}_][\\p{L}\\p{N}_$#@]*");

    private final SessionLocal session;
    private final HashSet<DbObject> found = new HashSet<>();
    private final Set<QueryExpressionTable> visited = new HashSet<>();
    private boolean complete = true;

    /** @param session that has parsed the statement */
    ReachedTables(SessionLocal session) {
        this.session = session;
    }

    /** True if a query's text has a query within. */
    static boolean hasSubQueries(String query) {
        return QUERY.matcher(query).results().limit(2).count() == 2;
    }

    void add(Set<DbObject> dependencies) {
        found.addAll(dependencies);
    }

    /** To be called before the table is added by others: H2 visits the rules of a table only then. */
    void addWithRules(Table table) {
        table.addDependencies(found);
        for (String rule : rules(table)) {
            addSubQueriesOf(rule);
        }
    }

    void addChange(DataChangeStatement change, String sql) {
        change.collectDependencies(found);
        addSubQueriesOf(sql);
    }

    void addQuery(String sql) {
        if (hasSubQueries(sql)) {
            addWords(sql);
        }
    }

    private void addSubQueriesOf(String sql) {
        if (SUB_QUERY.matcher(sql).find()) {
            addWords(sql);
        }
    }

    /** What must hold of a row of the table, and what fills it in: may read other tables. */
    private static List<String> rules(Table table) {
        List<String> rules = new ArrayList<>(0);
        for (Constraint constraint : table.getConstraints()) {
            if (constraint instanceof ConstraintCheck check) {
                addText(rules, check.getExpression());
            }
        }
        for (Column column : table.getColumns()) {
            addText(rules, column.getEffectiveDefaultExpression());
            addText(rules, column.getEffectiveOnUpdateExpression());
            for (Domain domain = column.getDomain(); domain != null; domain = domain.getDomain()) {
                List<ConstraintDomain> constraints = domain.getConstraints();
                if (constraints != null) {
                    constraints.forEach(constraint -> addText(rules, constraint.getExpression()));
                }
            }
        }
        return rules;
    }

    private static void addText(List<String> rules, Expression expression) {
        if (expression != null) {
            rules.add(expression.getSQL(HasSQL.QUOTE_ONLY_WHEN_REQUIRED));
        }
    }

    private void addWords(String sql) {
        if (sql.contains("U&\"") || sql.contains("u&\"")) {
            complete = false; // a name with escapes
        }
        Set<String> words = new LinkedHashSet<>();
        WORD.matcher(sql).results().map(ReachedTables::name).forEach(words::add);
        for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
            for (String word : words) {
                addNamed(schema, word);
                addNamed(schema, word.toUpperCase(Locale.ROOT));
            }
        }
    }

    private static String name(MatchResult word) {
        if (word.group(1) != null) {
            return word.group(1).replace("\"\"", "\"");
        }
        return word.group(2) != null ? word.group(2).replace("``", "`") : word.group();
    }

    private void addNamed(Schema schema, String name) {
        Table table = schema.resolveTableOrView(session, name);
        if (table != null) {
            found.add(table);
        }
    }

    /** Goes on until nothing new is found. */
    ReachedTables close() {
        boolean more = true;
        while (more) {
            more = false;
            for (DbObject each : List.copyOf(found)) {
                if (each instanceof QueryExpressionTable table && visited.add(table)) {
                    more = true;
                    visit(table);
                }
            }
        }
        return this;
    }

    private void visit(QueryExpressionTable table) {
        Query query = table.getQuery();
        if (query == null) {
            complete = false; // a view that is invalid
            return;
        }
        query.isEverything(ExpressionVisitor.getDependenciesVisitor(found));
        if (table instanceof TableView view) {
            addQuery(view.getQuerySQL());
        }
    }

    /** False if there may be more tables than were found. */
    boolean isComplete() {
        return complete;
    }

    Set<MVTable> tables() {
        Set<MVTable> tables = new HashSet<>();
        for (DbObject each : found) {
            if (each instanceof MVTable table) {
                tables.add(table);
            }
        }
        return tables;
    }

    /** The sequences of expressions, and of identity columns whose table is changed. */
    Set<Sequence> sequences() {
        Set<Sequence> sequences = new HashSet<>();
        for (DbObject each : found) {
            if (each instanceof Sequence sequence) {
                sequences.add(sequence);
            }
        }
        return sequences;
    }

    /** The changes of FINAL TABLE (INSERT ...) and its like. */
    List<DataChangeStatement> changes() {
        List<DataChangeStatement> changes = new ArrayList<>(0);
        for (DbObject each : found) {
            if (each instanceof DataChangeDeltaTable delta) {
                changes.add(PrivateFields.read(delta, "statement", DataChangeStatement.class));
            }
        }
        return changes;
    }

    /** All tables there are. */
    static Set<MVTable> all(SessionLocal session) {
        Set<MVTable> all = new HashSet<>();
        for (Schema schema : session.getDatabase().getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table instanceof MVTable stored) {
                    all.add(stored);
                }
            }
        }
        return all;
    }
}
