package org.deuterium.router.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlLiteral;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.deuterium.router.catalog.CatalogTable;
import org.deuterium.router.catalog.PartitionSetSpec;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.sql.parser.StatementParseException;
import org.deuterium.sql.parser.StatementParser;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** Reads SHOW PARTITIONS, REPLICAS, NODES, TRANSACTIONS and SESSION TOKEN, and says which columns each gives. */
final class ShowStatements {

    private final CatalogSnapshot snapshot;
    private final String schema;

    ShowStatements(CatalogSnapshot snapshot, String schema) {
        this.snapshot = snapshot;
        this.schema = schema;
    }

    ShowPlan plan(String sql) {
        SqlCall call;
        try {
            call = (SqlCall) StatementParser.parse(sql);
        } catch (StatementParseException e) {
            throw new StatementRefusedException(
                    new Failure(ErrorCode.SQL_ERROR, "42000", 42000, "Syntax error: " + e.getMessage(), false));
        }
        ShowPlan.Subject subject = ShowPlan.Subject.valueOf(((SqlLiteral) call.operand(0)).getValueAs(String.class));
        String table = "";
        String set = "";
        if (call.operandCount() > 1 && call.operand(1) != null) {
            CatalogTable found = table(call.operand(1));
            table = found.qualifiedName();
            // A REPLICATED table is in all of them.
            set = found.replicated() != null
                    ? ""
                    : found.partitioned() == null
                            ? PartitionSetSpec.HOME.name()
                            : found.partitioned().set().name();
        }
        StatementShape shape =
                new StatementShape(snapshot.version(), true, false, false, false, List.of(), columns(subject));
        return new ShowPlan(shape, subject, table, set);
    }

    /** SHOW SESSION TOKEN and SHOW TRANSACTIONS, which name nothing else. */
    ShowPlan of(ShowPlan.Subject subject) {
        StatementShape shape =
                new StatementShape(snapshot.version(), true, false, false, false, List.of(), columns(subject));
        return new ShowPlan(shape, subject, "", "");
    }

    private CatalogTable table(SqlIdentifier identifier) {
        List<String> names = identifier.names;
        String name = names.get(names.size() - 1);
        @Nullable CatalogTable table = snapshot.table(names.size() == 1 ? schema : names.get(names.size() - 2), name);
        if (table == null) {
            throw new StatementRefusedException(
                    new Failure(ErrorCode.SQL_ERROR, "42S02", 42102, "Table \"" + name + "\" not found", false));
        }
        return table;
    }

    private static List<ColumnDescription> columns(ShowPlan.Subject subject) {
        return switch (subject) {
            case PARTITIONS ->
                columns(
                        "PARTITION_ID#",
                        "PARTITION_SET",
                        "FIRST_SLOT#",
                        "LAST_SLOT#",
                        "LEADER",
                        "TERM#",
                        "REPLICAS",
                        "IN_SYNC",
                        "ACK_RULE",
                        "LOG_KIND");
            case REPLICAS ->
                columns(
                        "PARTITION_ID#",
                        "PARTITION_SET",
                        "NODE",
                        "ROLE",
                        "LEADER",
                        "TERM#",
                        "LAST_INDEX#",
                        "COMMIT_INDEX#",
                        "APPLIED_INDEX#",
                        "LAG#",
                        "LAG_MS#",
                        "IN_SYNC?",
                        "SCHEMA_VERSION#",
                        "ACK_RULE",
                        "LOG_KIND");
            case NODES -> columns("NODE", "ADDRESS", "ALIVE?", "CONTROLLER?", "LEADS#", "REPLICAS#");
            case TRANSACTIONS ->
                columns(
                        "TRANSACTION_ID",
                        "STATE",
                        "AGE_MS#",
                        "ISOLATION",
                        "ROUTER",
                        "CLIENT",
                        "USER_NAME",
                        "PARTITIONS",
                        "BLOCKED_BY",
                        "STATEMENT",
                        "STATEMENT_MS#");
            case SESSION_TOKEN -> columns("SESSION_TOKEN");
        };
    }

    /** Names that end in # are BIGINT, in ? BOOLEAN, all others text. */
    private static List<ColumnDescription> columns(String... names) {
        List<ColumnDescription> columns = new ArrayList<>();
        for (String name : names) {
            ValueType type =
                    switch (name.charAt(name.length() - 1)) {
                        case '#' -> ValueType.BIGINT;
                        case '?' -> ValueType.BOOLEAN;
                        default -> ValueType.VARCHAR;
                    };
            String plain = type == ValueType.VARCHAR ? name : name.substring(0, name.length() - 1);
            columns.add(TextColumns.column(plain, type));
        }
        return columns;
    }
}
