package org.deuterium.coordinator;

/**
 * One version of the schema.
 *
 * @param version its place in the schema log; the first has 1
 * @param sql what the user wrote
 * @param partitionSql what every partition runs
 * @param placement for the router's catalog, in a form of its own (JSON): which set a table lives in, by which columns
 */
public record SchemaChange(long version, String sql, String partitionSql, String placement) {}
