package org.deuterium.router.plan.rule;

import java.util.function.Function;
import org.deuterium.router.catalog.CatalogSnapshot;
import org.h2.value.Value;

/**
 * What an analysis may ask of the world.
 *
 * @param schema the session's current schema
 * @param evaluator computes constant expressions as H2 does
 */
public record StatementContext(CatalogSnapshot snapshot, String schema, Function<String, Value> evaluator) {}
