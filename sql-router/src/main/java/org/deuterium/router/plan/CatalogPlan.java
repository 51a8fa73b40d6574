package org.deuterium.router.plan;

/** A query that needs no rows of any partition: the catalog's H2 answers it ({@code CatalogDatabase.query}). */
public record CatalogPlan(StatementShape shape, String sql) implements RoutedPlan {
    @Override
    public Kind kind() {
        return Kind.CATALOG;
    }
}
