package org.deuterium.router.plan;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.calcite.sql.SqlCall;
import org.apache.calcite.sql.SqlIdentifier;
import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlLiteral;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlSelectKeyword;
import org.apache.calcite.sql.fun.SqlStdOperatorTable;
import org.apache.calcite.sql.parser.SqlParserPos;
import org.apache.calcite.sql.util.SqlShuttle;
import org.deuterium.router.plan.rule.Aggregates;
import org.deuterium.router.plan.rule.Expressions;
import org.deuterium.router.plan.rule.SqlTexts;
import org.jspecify.annotations.Nullable;

/**
 * Takes aggregates apart: what each partition computes (groups G0.., distinct arguments D0.., partial aggregates P0..),
 * and the expression over these columns that gives what the client asked for. The combining expressions are rewritten in
 * two passes, because the exact type of each aggregate must be asked from H2 in between.
 */
final class AggregateSplit extends SqlShuttle {

    /** Aggregates that give the same over partial results as over rows. */
    private static final Set<String> IDEMPOTENT = Set.of(
            "MIN", "MAX", "EVERY", "BOOL_AND", "ANY", "SOME", "BOOL_OR", "BIT_AND_AGG", "BIT_OR_AGG", "ANY_VALUE");

    private final List<SqlNode> groups;
    private final List<SqlNode> distinctArguments = new ArrayList<>();
    private final List<SqlNode> partials = new ArrayList<>();
    private final List<SqlNode> aggregates = new ArrayList<>();
    private final List<String> types;

    /**
     * Prepares a split.
     *
     * @param groups what the query groups by
     * @param types H2's type of each aggregate in the order of {@link #aggregates()}; empty in the first pass
     */
    AggregateSplit(List<SqlNode> groups, List<String> types) {
        this.groups = groups;
        this.types = types;
    }

    /** What partitions give besides the groups and the partial aggregates; also grouped by. */
    List<SqlNode> distinctArguments() {
        return distinctArguments;
    }

    List<SqlNode> partials() {
        return partials;
    }

    /** The client's aggregates, each once. */
    List<SqlNode> aggregates() {
        return aggregates;
    }

    SqlNode combine(SqlNode expression) {
        SqlNode combined = expression.accept(this);
        if (combined == null) {
            throw new IllegalStateException("an expression vanished: " + expression);
        }
        return combined;
    }

    @Override
    public @Nullable SqlNode visit(SqlIdentifier id) {
        SqlNode group = group(id);
        return group == null ? id : group;
    }

    @Override
    public @Nullable SqlNode visit(SqlCall call) {
        SqlNode group = group(call);
        if (group != null) {
            return group;
        }
        if (Expressions.isQuery(call)) {
            throw notSupported(
                    "a sub-query beside aggregates over several partitions is not supported yet; run it first");
        }
        if (Aggregates.isAggregate(call)) {
            return aggregate(call);
        }
        return super.visit(call);
    }

    private @Nullable SqlNode group(SqlNode node) {
        for (int i = 0; i < groups.size(); i++) {
            if (SameExpression.test(groups.get(i), node)) {
                return column("G", i);
            }
        }
        return null;
    }

    private SqlNode aggregate(SqlCall call) {
        int index = indexOrAdd(aggregates, call);
        String type = index < types.size() ? types.get(index) : "";
        SqlNode filter = call.getKind() == SqlKind.FILTER ? call.operand(1) : null;
        SqlCall function = filter == null ? call : call.operand(0);
        String name = function.getOperator().getName().toUpperCase(Locale.ROOT);
        if (IDEMPOTENT.contains(name) && function.operandCount() == 1) {
            return parse(name + "(" + partial(call) + ")");
        }
        boolean distinct = isDistinct(function);
        boolean known =
                function.operandCount() == 1 && Set.of("COUNT", "SUM", "AVG").contains(name);
        if (!known || (distinct && filter != null)) {
            throw notSupported("aggregate " + SqlTexts.text(call) + " over several partitions is not supported yet; "
                    + "COUNT, SUM, AVG, MIN and MAX are, or fix the partition column with =");
        }
        if (distinct) {
            int argument = indexOrAdd(distinctArguments, function.operand(0));
            return parse(name + "(DISTINCT D" + argument + ")");
        }
        return parse(
                switch (name) {
                    case "COUNT" -> "CAST(COALESCE(SUM(" + partial(call) + "), 0) AS BIGINT)";
                    case "SUM" -> castTo("SUM(" + partial(call) + ")", type);
                    default -> average(function, filter, type);
                });
    }

    /** AVG from sums and counts: divided as DOUBLE where H2's AVG is one, else by H2's exact division. */
    private String average(SqlCall function, @Nullable SqlNode filter, String type) {
        String sum = "SUM(" + partial(with("SUM", function, filter)) + ")";
        String count = "NULLIF(SUM(" + partial(with("COUNT", function, filter)) + "), 0)";
        if (type.startsWith("DOUBLE")) {
            return "CAST(" + sum + " AS DOUBLE PRECISION) / CAST(" + count + " AS DOUBLE PRECISION)";
        }
        if (type.startsWith("INTERVAL")) {
            throw notSupported(
                    "AVG of intervals over several partitions is not supported yet; fix the partition column "
                            + "with =");
        }
        return castTo(sum + " / " + count, type);
    }

    private static SqlNode with(String name, SqlCall function, @Nullable SqlNode filter) {
        SqlNode call = (name.equals("SUM") ? SqlStdOperatorTable.SUM : SqlStdOperatorTable.COUNT)
                .createCall(SqlParserPos.ZERO, (SqlNode) function.operand(0));
        return filter == null ? call : SqlStdOperatorTable.FILTER.createCall(SqlParserPos.ZERO, call, filter);
    }

    private static String castTo(String expression, String type) {
        return type.isEmpty() ? expression : "CAST(" + expression + " AS " + type + ")";
    }

    private static boolean isDistinct(SqlCall function) {
        SqlLiteral quantifier = function.getFunctionQuantifier();
        return quantifier != null && quantifier.getValue() == SqlSelectKeyword.DISTINCT;
    }

    private String partial(SqlNode call) {
        return "P" + indexOrAdd(partials, call);
    }

    private static int indexOrAdd(List<SqlNode> list, SqlNode node) {
        for (int i = 0; i < list.size(); i++) {
            if (SameExpression.test(list.get(i), node)) {
                return i;
            }
        }
        list.add(node);
        return list.size() - 1;
    }

    private static SqlNode column(String prefix, int index) {
        return new SqlIdentifier(prefix + index, SqlParserPos.ZERO);
    }

    /** A piece of text of our own that is written as it stands. */
    private static SqlNode parse(String text) {
        return new VerbatimSql(text);
    }
}
