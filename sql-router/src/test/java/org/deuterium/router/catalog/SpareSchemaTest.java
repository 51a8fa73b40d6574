package org.deuterium.router.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deuterium.wire.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Trials of schema changes on a copy of the schema: what they replay, and what they leave behind. */
class SpareSchemaTest {

    private static final List<String> POOL = List.of(
            "create table a (id int primary key, x int, unique (x))",
            "create table if not exists a (id int primary key)",
            "create table b (id int generated always as identity primary key, a int references a (id))",
            "create table p (w int, id int, primary key (w, id)) partition by hash (w)",
            "create table q (w int primary key, x int) partition by hash (w) colocate with p",
            "create table q4 (w int primary key) partition by hash (w) partitions 4",
            "create table s (id int primary key, s int references s (id))",
            "create table r (id int primary key) replicated",
            "create table r (id int) replicated",
            "create table u (w int, id int primary key) partition by hash (w)",
            "create table v (x nosuchtype)",
            "create table v (x int, x int)",
            "create view v as select id from a",
            "create index ax on a (x)",
            "create sequence sq start with 5",
            "alter table a add column y varchar default 'y'",
            "alter table a drop column x",
            "alter table p drop column w",
            "alter table p alter column w varchar",
            "alter table p rename to p2",
            "alter table p2 rename to p",
            "alter table a alter column nosuch int",
            "comment on table a is 'first'",
            "drop table a",
            "drop table if exists p",
            "drop table q, b",
            "drop table s",
            "drop view v",
            "drop index ax",
            "drop sequence sq");

    private final List<CatalogChange> log = new ArrayList<>();
    private final CatalogDatabase catalog = new CatalogDatabase();

    @AfterEach
    void close() {
        catalog.close();
    }

    private void decide(String sql) {
        CatalogChange change = new CatalogChange(catalog.version() + 1, "PUBLIC", sql);
        log.add(change);
        catalog.apply(change);
    }

    private void change(String sql) {
        catalog.check("PUBLIC", sql);
        decide(sql);
    }

    private StatementRefusedException refused(CatalogDatabase by, String sql) {
        return assertThrows(StatementRefusedException.class, () -> by.check("PUBLIC", sql));
    }

    private long replaysOf(Runnable work) {
        long before = catalog.spare().replayed();
        work.run();
        return catalog.spare().replayed() - before;
    }

    @Test
    void aChangeReplaysNoneOfThoseBeforeIt() {
        for (int i = 0; i < 100; i++) {
            String create = "create table t" + i + " (id int primary key)";
            assertEquals(0, replaysOf(() -> change(create)));
        }
        assertEquals(0, replaysOf(() -> change("alter table t7 add column x int")));
        assertEquals(0, replaysOf(() -> change("drop table t8")));
        assertEquals(102, catalog.version());
    }

    @Test
    void changesOfOtherRoutersAreReplayedOnce() {
        for (int i = 0; i < 20; i++) {
            decide("create table t" + i + " (id int primary key)");
        }
        assertEquals(20, replaysOf(() -> change("create index i on t7 (id)")));
        decide("drop table t8");
        assertEquals(1, replaysOf(() -> refused(catalog, "drop table t8")));
        assertEquals(0, replaysOf(() -> change("drop table t9")));
    }

    @Test
    void whoComesSecondTriesAgainWithoutAReplay() {
        for (int i = 0; i < 20; i++) {
            change("create table t" + i + " (id int primary key)");
        }
        String one = "create table p (w int primary key) partition by hash (w) partitions 4";
        String two = "create table q (id int primary key, t int references t3 (id))";
        assertEquals(0, replaysOf(() -> {
            assertNotNull(catalog.check("PUBLIC", one).newSet());
            catalog.check("PUBLIC", two);
            decide(two);
            assertNotNull(catalog.check("PUBLIC", one).newSet());
        }));
        assertEquals(0, replaysOf(() -> catalog.check("PUBLIC", two.replace("table q", "table q2"))));
        decide(one);
        assertEquals(1, replaysOf(() -> refused(catalog, one)));
    }

    @Test
    void aRefusedChangeLeavesNothingBehind() {
        change("create table p (w int, id int, primary key (w, id)) partition by hash (w)");
        change("create table t (id int primary key)");
        assertEquals(0, replaysOf(() -> {
            refused(catalog, "create table u (w int, id int primary key) partition by hash (w)");
            refused(catalog, "create table u (w int references nosuch (id))");
            refused(catalog, "create table u (w int primary key) partition by hash (w) colocate with t");
            refused(catalog, "alter table t add column id int");
            refused(catalog, "drop table u");
            change("create table u (id int primary key)");
        }));
        refused(catalog, "alter table p rename column w to v");
        assertEquals(3, replaysOf(() -> change("alter table p add column x int")));
    }

    @Test
    void aDecidedChangeThatFailsIsNotTakenForTheOneTried() {
        change("create table t (id int primary key)");
        assertThrows(StatementRefusedException.class, () -> decide("create table t (id int)"));
        change("create table u (t int references t (id))");
        assertEquals(3, catalog.version());
        assertEquals(42101, refused(catalog, "create table u (t int)").failure().vendorCode());
    }

    @Test
    void everyTrialIsThatOnACopyMadeFromTheWholeLog() {
        Random random = new Random(4711);
        for (int i = 0; i < 100; i++) {
            String sql = POOL.get(random.nextInt(POOL.size()));
            Object tried = outcome(catalog, sql);
            try (CatalogDatabase fresh = new CatalogDatabase()) {
                log.forEach(fresh::apply);
                assertEquals(outcome(fresh, sql), tried, () -> sql + " behind " + log);
            }
            if (tried instanceof SchemaVerdict && log.size() < 20 && random.nextInt(3) > 0) {
                decide(sql);
            }
        }
        assertTrue(log.size() > 10, log::toString);
    }

    private Object outcome(CatalogDatabase by, String sql) {
        try {
            return by.check("PUBLIC", sql);
        } catch (StatementRefusedException e) {
            return e.failure();
        }
    }

    @Test
    void manyThatMeetTakeTurns() throws Exception {
        int clients = 4;
        int changes = 25;
        ExecutorService pool = Executors.newFixedThreadPool(clients);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                String prefix = "create table c" + client + "_";
                done.add(pool.submit(() -> {
                    for (int i = 0; i < changes; i++) {
                        changeAgainstOthers(prefix + i + " (id int primary key)");
                    }
                }));
            }
            for (Future<?> client : done) {
                client.get();
            }
        } finally {
            pool.shutdown();
        }
        assertEquals(clients * changes, catalog.version());
        assertEquals(clients * changes, catalog.snapshot().tables().size());
        long replayed = catalog.spare().replayed();
        assertTrue(replayed <= clients * changes, () -> replayed + " changes replayed");
    }

    /** As the schema log does it: a change is decided only if none came since it was tried. */
    private void changeAgainstOthers(String sql) {
        while (true) {
            SchemaVerdict verdict = catalog.check("PUBLIC", sql);
            synchronized (log) {
                if (verdict.version() == catalog.version()) {
                    decide(sql);
                    return;
                }
            }
        }
    }

    @Test
    void aClosedCatalogTriesNothing() {
        change("create table t (id int)");
        catalog.close();
        assertEquals(
                ErrorCode.NOT_READY,
                refused(catalog, "create table u (id int)").failure().error());
    }
}
