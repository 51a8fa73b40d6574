package org.deuterium.router.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.router.catalog.CatalogChange;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.StatementRefusedException;
import org.junit.jupiter.api.Test;

/**
 * Statements with their plans beside them, in plans.txt. To see what changed, run with
 * {@code -Ddeuterium.plans.write=FILE} and compare the file written with the one kept.
 */
class PlanCorpusTest {

    private static final List<String> SCHEMA = List.of(
            "create table orders (w int, id int, c int, amount decimal(12, 2), note varchar(20), primary key (w, id))"
                    + " partition by hash (w) partitions 4",
            "create table lines (w int, o int, n int, qty int, primary key (w, o, n)) partition by hash (w) partitions 4",
            "create table names (k varchar(10) primary key, v int) partition by hash (k) partitions 4",
            "create table other (w int primary key) partition by hash (w) partitions 2",
            "create table item (id int primary key, name varchar(10)) replicated",
            "create table plain (id int primary key, name varchar(10), b varchar(10))",
            "create sequence seq",
            "create table drawn (id bigint generated always as identity primary key, v varchar(9)) partition by hash (id)",
            "create table by_seq (id bigint default next value for seq primary key, v varchar(9)) partition by hash (id)");

    @Test
    void plans() throws IOException {
        String kept;
        try (var in = PlanCorpusTest.class.getResourceAsStream("plans.txt")) {
            kept = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        StringBuilder now = new StringBuilder();
        try (CatalogDatabase catalog = new CatalogDatabase()) {
            for (String sql : SCHEMA) {
                catalog.apply(new CatalogChange(catalog.version() + 1, "PUBLIC", sql));
            }
            StatementPlanner planner = new StatementPlanner(catalog);
            for (String line : kept.lines().toList()) {
                if (line.startsWith("#") || line.startsWith("> ")) {
                    now.append(now.length() == 0 ? "" : "\n").append(line).append("\n");
                }
                if (line.startsWith("> ")) {
                    describe(planner, line.substring(2))
                            .forEach(text -> now.append(text).append("\n"));
                }
            }
        }
        String file = System.getProperty("deuterium.plans.write");
        if (file != null) {
            Files.writeString(Path.of(file), now.toString());
        }
        assertEquals(kept, now.toString());
    }

    private static List<String> describe(StatementPlanner planner, String sql) {
        try {
            RoutedPlan plan = planner.plan(sql, "PUBLIC");
            List<String> lines = new ArrayList<>(PlanText.lines(plan));
            StatementShape shape = plan.shape();
            lines.add("-- " + plan.kind() + (shape.query() ? " query" : "") + (shape.writes() ? " writes" : "")
                    + (shape.locks() ? " locks" : "") + " " + shape.parameters().size() + " parameters");
            return lines;
        } catch (StatementRefusedException e) {
            return List.of("refused " + e.failure().sqlState() + " "
                    + e.failure().message().replace("\n", " "));
        }
    }
}
