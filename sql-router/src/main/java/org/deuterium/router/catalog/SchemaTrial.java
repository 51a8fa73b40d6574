package org.deuterium.router.catalog;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.h2.message.DbException;

/** One change tried on a copy of the schema, and how to bring the copy back to where it was. */
final class SchemaTrial {

    /** What became of the change in the copy. */
    private enum Outcome {
        /** It broke off in a way nobody foresaw. */
        UNKNOWN,
        REFUSED_BY_H2,
        REFUSED_BY_RULES,
        DONE
    }

    /** The schema that partitions are in when they run a change. */
    private static final String MAIN_SCHEMA = "PUBLIC";

    private final SchemaDatabase copy;
    private final CatalogChange change;
    private final SchemaDatabase.Picture before;
    private Outcome outcome = Outcome.UNKNOWN;

    SchemaTrial(SchemaDatabase copy, CatalogChange change) {
        this.copy = copy;
        this.change = change;
        this.before = copy.picture();
    }

    /**
     * Makes the change in the copy, and reads what comes out.
     *
     * @throws StatementRefusedException if it fails, or would break a rule of partitioned tables
     */
    SchemaVerdict run() {
        try {
            DdlText ddl = copy.apply(change);
            outcome = Outcome.REFUSED_BY_RULES;
            SchemaVerdict verdict = judged(ddl);
            outcome = Outcome.DONE;
            return verdict;
        } catch (StatementRefusedException | DbException e) {
            outcome = outcome == Outcome.UNKNOWN ? Outcome.REFUSED_BY_H2 : outcome;
            throw e;
        }
    }

    private SchemaVerdict judged(DdlText ddl) {
        Map<String, PartitionedTable> tablesBefore = before.partitioned();
        Set<String> setsBefore = before.sets();
        copy.checkRules(ddl, change.schema(), tablesBefore);
        WantedSet newSet = null;
        List<ReplicatedTable> toCopy = List.of();
        for (PartitionedTable table : copy.partitioned().values()) {
            if (ddl.clause() != null && !tablesBefore.containsKey(table.qualifiedName())) {
                newSet = new WantedSet(
                        table.set(), ddl.clause().ackRule(), ddl.clause().logKind());
                toCopy = setsBefore.contains(table.set().name()) ? List.of() : copy.replicated();
            }
        }
        return new SchemaVerdict(change.version() - 1, inSchema(change.schema(), ddl.partitionSql()), newSet, toCopy);
    }

    private static String inSchema(String schema, String sql) {
        if (schema.equals(MAIN_SCHEMA)) {
            return sql;
        }
        String quoted = "\"" + schema.replace("\"", "\"\"") + "\"";
        return "SET SCHEMA " + quoted + "; " + sql;
    }

    /** True if the copy is what this decided change makes of the schema. */
    boolean made(CatalogChange decided) {
        return outcome == Outcome.DONE && decided.equals(change);
    }

    /** Brings the copy back to before the change; false if it cannot, and the copy is worth nothing any more. */
    boolean undo() {
        if (outcome == Outcome.UNKNOWN) {
            return false;
        }
        if (outcome == Outcome.REFUSED_BY_H2 && copy.picture().equals(before)) {
            return true;
        }
        return isCreateTable() && copy.dropNewTables(before);
    }

    /** Whoever creates a table changes nothing that was there, so that it is undone by dropping it. */
    private boolean isCreateTable() {
        List<SqlToken> tokens = SqlTokens.of(change.sql());
        for (SqlToken token : tokens) {
            if (token.isWord("TABLE")) {
                return tokens.get(0).isWord("CREATE");
            }
            if (!Set.of("CREATE", "CACHED", "MEMORY").contains(token.text())) {
                return false;
            }
        }
        return false;
    }
}
