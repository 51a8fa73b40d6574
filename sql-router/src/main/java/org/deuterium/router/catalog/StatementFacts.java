package org.deuterium.router.catalog;

import java.util.List;
import org.deuterium.wire.statement.ColumnDescription;

/**
 * What H2 says of a statement after preparing it on the empty schema.
 *
 * @param commandType H2's number of the kind of statement (org.h2.command.CommandInterface)
 * @param query true if it gives rows
 * @param readOnly true if running it changes nothing, not even a sequence
 * @param locks true for SELECT ... FOR UPDATE
 * @param catalogOnly true if it reads nothing but INFORMATION_SCHEMA, or no table at all
 * @param columnTypes H2's names of the result's types, as CAST takes them
 */
public record StatementFacts(
        CatalogSnapshot snapshot,
        int commandType,
        boolean query,
        boolean readOnly,
        boolean locks,
        boolean catalogOnly,
        List<ColumnDescription> parameters,
        List<ColumnDescription> columns,
        List<String> columnTypes) {}
