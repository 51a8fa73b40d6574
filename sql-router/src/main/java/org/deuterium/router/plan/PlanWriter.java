package org.deuterium.router.plan;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlNode;
import org.apache.calcite.sql.SqlWriter;
import org.apache.calcite.sql.pretty.SqlPrettyWriter;
import org.deuterium.router.plan.rule.SqlTexts;
import org.jspecify.annotations.Nullable;

/** Writes a text in pieces and notes which of the client's parameters each question mark is. */
final class PlanWriter {

    private final StringBuilder sql = new StringBuilder();
    private final List<Integer> parameters = new ArrayList<>();

    /** Question marks are numbered from here on; 0 to leave them without numbers. */
    private final int firstNumber;

    PlanWriter(int firstNumber) {
        this.firstNumber = firstNumber;
    }

    PlanWriter add(String text) {
        sql.append(text);
        return this;
    }

    PlanWriter add(SqlNode node) {
        return add(node, null);
    }

    /** A FROM clause, which Calcite writes only inside a list of its own kind. */
    PlanWriter addFrom(SqlNode node) {
        return add(node, SqlWriter.FrameTypeEnum.FROM_LIST);
    }

    private PlanWriter add(SqlNode node, SqlWriter.@Nullable FrameTypeEnum list) {
        SqlPrettyWriter writer = new SqlPrettyWriter(SqlTexts.config()) {
            @Override
            public void dynamicParam(int index) {
                parameters.add(index);
                print(firstNumber == 0 ? "?" : "?" + (firstNumber + parameters.size() - 1));
                setNeedWhitespace(true);
            }
        };
        SqlWriter.Frame frame = list == null ? null : writer.startList(list);
        node.unparse(writer, 0, 0);
        if (frame != null) {
            writer.endList(frame);
        }
        sql.append(writer.toString().strip());
        return this;
    }

    PlanWriter addAll(List<? extends SqlNode> nodes) {
        for (int i = 0; i < nodes.size(); i++) {
            add(i == 0 ? "" : ", ").add(nodes.get(i));
        }
        return this;
    }

    BoundSql done() {
        return new BoundSql(sql.toString(), parameters.stream().mapToInt(i -> i).toArray());
    }
}
