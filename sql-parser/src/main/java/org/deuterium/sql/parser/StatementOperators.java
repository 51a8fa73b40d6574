package org.deuterium.sql.parser;

import org.apache.calcite.sql.SqlKind;
import org.apache.calcite.sql.SqlSpecialOperator;

/**
 * The operators of the syntax trees that Calcite has no class for. Their operands may be null where the statement left
 * a clause out; the trees are only read, never turned back into text.
 */
public final class StatementOperators {

    /** SHOW: subject (PARTITIONS, REPLICAS, NODES), table or null. */
    public static final SqlSpecialOperator SHOW = operator("SHOW CLUSTER");

    /** PARTITION BY: method (HASH, RANGE, REPLICATED), column list, list of setting names each before its value. */
    public static final SqlSpecialOperator PARTITION_CLAUSE = operator("PARTITION CLAUSE");

    /** ALTER PARTITION ... TRANSFER LEADER TO: number of the partition, name of the node (identifier or string). */
    public static final SqlSpecialOperator TRANSFER_LEADER = operator("TRANSFER LEADER");

    /** ALTER TABLE ... SET: table, 'ACK' or 'LOG', and the rule (a string) or the kind (an identifier). */
    public static final SqlSpecialOperator SET_OF_PARTITIONS = operator("SET OF PARTITIONS");

    /** FOR UPDATE: query, and how to wait (a number, 'NOWAIT', 'SKIP LOCKED') or null. */
    public static final SqlSpecialOperator FOR_UPDATE = operator("FOR UPDATE");

    /** H2's MERGE: table, column list or null, key list or null, query. */
    public static final SqlSpecialOperator MERGE_KEY = operator("MERGE KEY");

    /** MERGE USING: table, alias or null, source, condition, list of clauses. */
    public static final SqlSpecialOperator MERGE_USING = operator("MERGE USING");

    /** WHEN MATCHED THEN UPDATE: condition or null, target columns, values. */
    public static final SqlSpecialOperator WHEN_UPDATE = operator("WHEN UPDATE");

    /** WHEN MATCHED THEN DELETE: condition or null. */
    public static final SqlSpecialOperator WHEN_DELETE = operator("WHEN DELETE");

    /** WHEN NOT MATCHED THEN INSERT: condition or null, column list or null, row. */
    public static final SqlSpecialOperator WHEN_INSERT = operator("WHEN INSERT");

    private StatementOperators() {}

    private static SqlSpecialOperator operator(String name) {
        return new SqlSpecialOperator(name, SqlKind.OTHER);
    }
}
