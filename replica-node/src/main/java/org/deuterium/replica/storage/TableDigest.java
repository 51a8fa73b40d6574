package org.deuterium.replica.storage;

/**
 * All rows of one table (row keys included) as a number to compare between replicas.
 *
 * @param table {@code SCHEMA.TABLE}
 * @param rows how many
 * @param hash of the rows in the order of their keys
 */
public record TableDigest(String table, long rows, long hash) {}
