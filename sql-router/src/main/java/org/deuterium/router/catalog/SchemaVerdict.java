package org.deuterium.router.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A schema change that works on the present schema and breaks none of its rules.
 *
 * @param partitionSql what partitions run; {@code SET SCHEMA "S"; } stands before it when names are not meant in PUBLIC
 * @param newSet the set of partitions of the table it creates; null if it creates no partitioned table
 * @param toCopy the REPLICATED tables whose rows the partitions of {@code newSet} must get before the change, referenced
 *     ones first; empty if the schema has the set already
 */
public record SchemaVerdict(
        long version, String partitionSql, @Nullable WantedSet newSet, List<ReplicatedTable> toCopy) {}
