package org.deuterium.router.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.router.catalog.CatalogChange;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.StatementRefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The statements about the cluster: ALTER ... SET and TRANSFER LEADER, told from schema changes. */
class ClusterStatementsTest {

    private final CatalogDatabase catalog = new CatalogDatabase();
    private final StatementPlanner planner = new StatementPlanner(catalog);

    @BeforeEach
    void create() {
        apply("create schema s");
        apply("create table plain (k int primary key)");
        apply("create table a (k int primary key) partition by hash (k)");
        apply("create table s.b (k int primary key) partition by hash (k)");
        apply("create table c (k int primary key, log int) partition by hash (k) ack async");
        apply("create view v as select * from a");
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private void apply(String sql) {
        catalog.apply(new CatalogChange(catalog.version() + 1, "PUBLIC", sql));
    }

    private List<String> lines(String sql) {
        return PlanText.lines(planner.plan(sql, "PUBLIC"));
    }

    @Test
    void aTablesRulesAreThoseOfItsSet() {
        assertEquals(
                List.of("cluster change: set of partitions hash/8: ACK SEMI_SYNC 1", "concerns PUBLIC.A, S.B"),
                lines("alter table a set ack semi_sync 1"));
        assertEquals(
                List.of("cluster change: set of partitions hash/8: LOG STATEMENT", "concerns PUBLIC.A, S.B"),
                lines("alter table s.b set log statement"));
        assertEquals(
                List.of("cluster change: set of partitions home: ACK CHAIN MIN_IN_SYNC 2", "concerns PUBLIC.PLAIN"),
                lines("ALTER TABLE PLAIN SET ACK CHAIN"));
        assertEquals(
                List.of("cluster change: set of partitions hash/8/ack=ASYNC: LOG ROW", "concerns PUBLIC.C"),
                lines("alter table c set log row"));
    }

    @Test
    void leadersAreHandedOver() {
        assertEquals(
                List.of("cluster change: partition 3: transfer leader to N2"),
                lines("alter partition 3 transfer leader to n2"));
        assertEquals(
                List.of("cluster change: partition 3: transfer leader to n-2"),
                lines("alter partition 3 transfer leader to 'n-2'"));
    }

    @Test
    void otherAlterStatementsAreSchemaChanges() {
        assertEquals(
                List.of("schema change: alter table c alter column log set default 5"),
                lines("alter table c alter column log set default 5"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alter table nothing set ack sync | 42102 | not found",
                "alter table v set ack sync | 42102 | not found",
                "alter table a set ack often | 50100 | no ack rule; there are QUORUM",
                "alter table a set ack quorum 2 | 50100 | no ack rule",
                "alter table a set ack sync min_in_sync 0 | 50100 | no ack rule",
                "alter table a set log sometimes | 50100 | use one of [ROW, STATEMENT, MIXED]",
                "alter table a set log | 42000 | ALTER TABLE t SET LOG kind",
                "alter partition one transfer leader to n1 | 42000 | TRANSFER LEADER TO node",
                "alter partition 1 split | 42000 | TRANSFER LEADER TO node",
            })
    void refusalsSayTheCure(String sql, int code, String part) {
        var failure = assertThrows(StatementRefusedException.class, () -> planner.plan(sql, "PUBLIC"))
                .failure();
        assertEquals(code, failure.vendorCode(), failure.message());
        assertTrue(failure.message().contains(part), failure.message());
    }
}
