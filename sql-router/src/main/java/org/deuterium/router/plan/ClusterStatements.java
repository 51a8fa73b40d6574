package org.deuterium.router.plan;

import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.deuterium.router.catalog.CatalogTable;
import org.deuterium.router.catalog.PartitionSetSpec;
import org.deuterium.router.catalog.SetRules;
import org.deuterium.router.catalog.SqlToken;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.router.plan.ClusterChangePlan.Change;
import org.deuterium.router.plan.ClusterChangePlan.HandOver;
import org.deuterium.router.plan.ClusterChangePlan.RemoveNode;
import org.deuterium.router.plan.ClusterChangePlan.SetAckRule;
import org.deuterium.router.plan.ClusterChangePlan.SetLogKind;
import org.deuterium.sql.parser.StatementOperators;
import org.deuterium.sql.parser.StatementParseException;
import org.deuterium.sql.parser.StatementParser;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** Reads ALTER TABLE ... SET ACK, ALTER TABLE ... SET LOG ALTER PARTITION ... TRANSFER LEADER TO and ALTER NODE ... REMOVE. */
final class ClusterStatements {

    private final CatalogSnapshot snapshot;
    private final String schema;

    ClusterStatements(CatalogSnapshot snapshot, String schema) {
        this.snapshot = snapshot;
        this.schema = schema;
    }

    /** True for a text that is no schema change, although it begins with ALTER. */
    static boolean isOne(List<SqlToken> tokens) {
        if (tokens.size() < 2 || !tokens.get(0).isWord("ALTER")) {
            return false;
        }
        if (tokens.get(1).isWord("PARTITION") || tokens.get(1).isWord("NODE")) {
            return true;
        }
        // ALTER TABLE name SET or ALTER TABLE schema.name SET
        int set = tokens.size() > 3 && tokens.get(3).isSymbol('.') ? 5 : 3;
        return tokens.get(1).isWord("TABLE")
                && tokens.size() > set + 1
                && tokens.get(set).isWord("SET")
                && (tokens.get(set + 1).isWord("ACK") || tokens.get(set + 1).isWord("LOG"));
    }

    ClusterChangePlan plan(String sql, List<SqlToken> tokens) {
        if (tokens.get(1).isWord("NODE")) {
            return removal(tokens);
        }
        SqlCall call;
        try {
            call = (SqlCall) StatementParser.parse(sql);
        } catch (StatementParseException e) {
            throw new StatementRefusedException(new Failure(
                    ErrorCode.SQL_ERROR,
                    "42000",
                    42000,
                    "Syntax error: " + e.getMessage()
                            + "; the forms are ALTER TABLE t SET ACK rule, ALTER TABLE t SET LOG"
                            + " kind, ALTER PARTITION number TRANSFER LEADER TO node",
                    false));
        }
        StatementShape shape = StatementPlanner.plainShape(snapshot.version());
        if (call.getOperator() == StatementOperators.TRANSFER_LEADER) {
            int partition = ((SqlLiteral) call.operand(0)).intValue(true);
            SqlNode node = call.operand(1);
            String name = node instanceof SqlIdentifier identifier
                    ? identifier.getSimple()
                    : ((SqlLiteral) node).getValueAs(String.class);
            return new ClusterChangePlan(shape, new HandOver(partition, name), List.of());
        }
        String set = setOf(call.operand(0));
        boolean ack = "ACK".equals(((SqlLiteral) call.operand(1)).getValueAs(String.class));
        Change change = ack
                ? new SetAckRule(set, SetRules.ackRule(((SqlLiteral) call.operand(2)).getValueAs(String.class)))
                : new SetLogKind(set, SetRules.logKind(call.operand(2)));
        return new ClusterChangePlan(shape, change, tablesOf(set));
    }

    private ClusterChangePlan removal(List<SqlToken> tokens) {
        boolean named = tokens.size() == 4
                && (tokens.get(2).isName() || tokens.get(2).kind() == SqlToken.Kind.STRING)
                && tokens.get(3).isWord("REMOVE");
        if (!named) {
            throw new StatementRefusedException(new Failure(
                    ErrorCode.SQL_ERROR, "42000", 42000, "Syntax error: the form is ALTER NODE node REMOVE", false));
        }
        String name = tokens.get(2).text();
        String node = name.startsWith("'") ? name.substring(1, name.length() - 1) : name;
        return new ClusterChangePlan(StatementPlanner.plainShape(snapshot.version()), new RemoveNode(node), List.of());
    }

    private String setOf(SqlIdentifier identifier) {
        List<String> names = identifier.names;
        String name = names.get(names.size() - 1);
        @Nullable CatalogTable table = snapshot.table(names.size() == 1 ? schema : names.get(names.size() - 2), name);
        if (table == null || table.viewSql() != null) {
            throw new StatementRefusedException(
                    new Failure(ErrorCode.SQL_ERROR, "42S02", 42102, "Table \"" + name + "\" not found", false));
        }
        if (table.replicated() != null) {
            throw StatementRefusedException.notSupported("REPLICATED table " + table.qualifiedName()
                    + " is in all sets of partitions; name a table of the set whose rule is meant");
        }
        return setOf(table);
    }

    private static String setOf(CatalogTable table) {
        return table.partitioned() == null
                ? PartitionSetSpec.HOME.name()
                : table.partitioned().set().name();
    }

    private List<String> tablesOf(String set) {
        return snapshot.all().stream()
                .filter(table -> table.viewSql() == null
                        && table.replicated() == null
                        && setOf(table).equals(set))
                .map(CatalogTable::qualifiedName)
                .filter(name -> !name.startsWith("INFORMATION_SCHEMA."))
                .sorted()
                .toList();
    }
}
