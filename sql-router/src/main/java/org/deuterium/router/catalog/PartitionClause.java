package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlNodeList;
import org.deuterium.sql.parser.StatementParseException;
import org.deuterium.sql.parser.StatementParser;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What CREATE TABLE says behind its columns about partitions.
 *
 * @param replicated true for REPLICATED, which has no columns and no settings
 * @param columns the partition columns, in order
 * @param partitions how many; 0 if not said
 * @param replicas how many of each; 0 if not said
 * @param ackRule when a commit is acknowledged; null if not said
 * @param logKind what the log holds; null if not said
 * @param colocateWith another table, as a name of one or two parts; null if not said
 */
record PartitionClause(
        boolean replicated,
        List<String> columns,
        int partitions,
        int replicas,
        @Nullable AckRule ackRule,
        @Nullable LogKind logKind,
        @Nullable List<String> colocateWith) {

    private static final int MAX_PARTITIONS = 1024;
    private static final int MAX_REPLICAS = 15;

    /** Reads the clause that begins at {@code start} and goes to the end of the text. */
    static PartitionClause read(String sql, int start, List<SqlToken> tokens) {
        int end = tokens.get(tokens.size() - 1).end();
        SqlCall call;
        try {
            call = (SqlCall) StatementParser.parse(sql.substring(start, end));
        } catch (StatementParseException e) {
            int at = Math.min(sql.length(), e.line() == 1 ? start + e.column() - 1 : start);
            String message = "Syntax error in the partition clause of SQL statement \"" + sql.substring(0, at) + "[*]"
                    + sql.substring(at) + "\": " + e.getMessage();
            throw new StatementRefusedException(new Failure(ErrorCode.SQL_ERROR, "42000", 42000, message, false));
        }
        String method = text(call.operand(0));
        if (method.equals("REPLICATED")) {
            if (!((SqlNodeList) call.operand(2)).isEmpty()) {
                throw notSupported("a REPLICATED table is in every partition as that partition is: leave "
                        + text(((SqlNodeList) call.operand(2)).get(0)) + " out");
            }
            return new PartitionClause(true, List.of(), 0, 0, null, null, null);
        }
        if (!method.equals("HASH")) {
            throw notSupported("PARTITION BY RANGE is not supported yet; use PARTITION BY HASH");
        }
        List<String> columns = new ArrayList<>();
        for (SqlNode column : (SqlNodeList) call.operand(1)) {
            String name = ((SqlIdentifier) column).getSimple();
            if (columns.contains(name)) {
                throw notSupported("partition column " + name + " is named twice; name it once");
            }
            columns.add(name);
        }
        return withSettings(columns, call.operand(2));
    }

    private static PartitionClause withSettings(List<String> columns, SqlNodeList settings) {
        int partitions = 0;
        int replicas = 0;
        AckRule ackRule = null;
        LogKind logKind = null;
        List<String> colocateWith = null;
        for (int i = 0; i < settings.size(); i += 2) {
            SqlNode value = settings.get(i + 1);
            switch (text(settings.get(i))) {
                case "PARTITIONS" -> partitions = number("PARTITIONS", value, MAX_PARTITIONS);
                case "REPLICAS" -> replicas = number("REPLICAS", value, MAX_REPLICAS);
                case "COLOCATE" -> colocateWith = ((SqlIdentifier) value).names;
                case "ACK" -> ackRule = SetRules.ackRule(text(value));
                default -> logKind = SetRules.logKind(value);
            }
        }
        if (ackRule != null && replicas != 0) {
            SetRules.refuseMisfit(ackRule, replicas);
        }
        return new PartitionClause(false, List.copyOf(columns), partitions, replicas, ackRule, logKind, colocateWith);
    }

    private static int number(String setting, SqlNode value, int max) {
        long number = ((SqlLiteral) value).bigDecimalValue().longValue();
        if (number < 1 || number > max) {
            throw notSupported(setting + " " + number + " is not possible; use 1 to " + max);
        }
        return (int) number;
    }

    private static String text(SqlNode literal) {
        return ((SqlLiteral) literal).getValueAs(String.class);
    }
}
