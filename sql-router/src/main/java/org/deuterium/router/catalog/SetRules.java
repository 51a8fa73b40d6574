package org.deuterium.router.catalog;

import static org.deuterium.router.catalog.StatementRefusedException.notSupported;

import java.util.Arrays;
import java.util.Locale;
import org.apache.calcite.sql.SqlNode;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.deuterium.wire.statement.Failure;

/** Reads what ACK and LOG say of a set of partitions, in CREATE TABLE and in ALTER TABLE ... SET. */
public final class SetRules {

    private SetRules() {}

    /** The rule that the grammar read as one text. */
    public static AckRule ackRule(String text) {
        try {
            return AckRule.parse(text);
        } catch (IllegalArgumentException e) {
            throw new StatementRefusedException(Failure.of(ErrorCode.NOT_SUPPORTED, "ACK " + e.getMessage()));
        }
    }

    /** Refuses a rule that so many replicas cannot meet. */
    public static void refuseMisfit(AckRule rule, int replicas) {
        String misfit = rule.misfit(replicas);
        if (misfit != null) {
            throw notSupported("ACK " + misfit);
        }
    }

    public static LogKind logKind(SqlNode word) {
        String name = word.toString().toUpperCase(Locale.ROOT);
        for (LogKind kind : LogKind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        throw notSupported("LOG " + name + " is no log kind; use one of " + Arrays.toString(LogKind.values())
                + ", or leave it out for " + LogKind.DEFAULT);
    }
}
