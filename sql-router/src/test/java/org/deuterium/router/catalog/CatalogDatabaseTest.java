package org.deuterium.router.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.deuterium.values.StatementTime;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.client.DescribeCatalog;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.h2.value.Value;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The router's catalog: the sets that tables belong to, and the errors that H2 gives. */
class CatalogDatabaseTest {

    private final CatalogDatabase catalog = new CatalogDatabase();

    @AfterEach
    void close() {
        catalog.close();
    }

    private SchemaVerdict change(String sql) {
        SchemaVerdict verdict = catalog.check("PUBLIC", sql);
        catalog.apply(new CatalogChange(catalog.version() + 1, "PUBLIC", sql));
        return verdict;
    }

    private String refusal(String sql) {
        return assertThrows(StatementRefusedException.class, () -> catalog.check("PUBLIC", sql))
                .failure()
                .message();
    }

    @Test
    void aSetsNameSaysWhatIsNotTheDefault() {
        assertEquals(
                "hash/8",
                name(change("create table q8 (w int primary key) partition by hash (w) log mixed ack quorum")));
        assertEquals(
                "hash/8/ack=SYNC_MIN_IN_SYNC_2/log=ROW",
                name(change("create table r8 (w int primary key) partition by hash (w) ack sync log row")));
    }

    @Test
    void tablesGoToTheirSets() {
        assertNull(change("create table plain (id int primary key)").newSet());
        SchemaVerdict verdict = change("create table t (w int, id int, primary key (w, id)) partition by hash (w)");
        assertEquals("create table t (w int, id int, primary key (w, id))", verdict.partitionSql());
        assertEquals(new WantedSet(PartitionSetSpec.hash(8, 0), null, null), verdict.newSet());
        assertEquals(
                "hash/4/replicas=2",
                name(change(
                        "create table u (a varchar(9) primary key) partition by hash (a) partitions 4 replicas 2")));
        assertEquals(
                "hash/4/replicas=2",
                name(change("create table v (a varchar(5)) partition by hash (a) colocate with u")));
        assertNotNull(catalog.snapshot().table("PUBLIC", "T"));
        assertEquals(4, catalog.version());
        assertTrue(catalog.snapshot().mayTouchPartitioned(SqlTokens.of("select * from \"T\"")));
        assertFalse(catalog.snapshot().mayTouchPartitioned(SqlTokens.of("select * from plain where x = 't'")));
        change("alter table t rename to t2");
        assertNotNull(catalog.snapshot().tables().get("PUBLIC.T2").partitioned());
        change("alter table t2 add column more int");
        change("create index i on t2 (more)");
        change("drop table t2");
        assertNull(catalog.snapshot().table("PUBLIC", "T2"));
        assertNull(change("create table t2 (w int)").newSet());
    }

    private static String name(SchemaVerdict verdict) {
        assertNotNull(verdict.newSet());
        return verdict.newSet().spec().name();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create table t (w int, id int primary key) partition by hash (w) | primary key of partitioned table"
                        + " PUBLIC.T",
                "create table t (w int, id int, unique (id)) partition by hash (w) | a unique index of partitioned"
                        + " table",
                "create table t (w double precision) partition by hash (w) | cannot be hashed",
                "create table t (w int) partition by hash (x) | not among the columns",
                "create table t (w int) partition by range (w) | RANGE is not supported yet",
                "create table t (w int) replicated | must have a primary key",
                "create table t (w int) partition by hash (w) ack all | 'ALL' is no ack rule; there are QUORUM,"
                        + " SEMI_SYNC k, SYNC",
                "create table t (w int) partition by hash (w) ack semi_sync | is no ack rule",
                "create table t (w int) partition by hash (w) replicas 3 ack semi_sync 3 | choose at most SEMI_SYNC 2",
                "create table t (w int) partition by hash (w) replicas 2 ack sync min_in_sync 3 | choose MIN_IN_SYNC 2",
                "create table t (w int) partition by hash (w) colocate with p ack async | leave them out here",
                "create table t (w int) partition by hash (w) log pages | LOG PAGES is no log kind; use one of [ROW,"
                        + " STATEMENT, MIXED]",
                "create table t (w int) partition by hash (w) partitions 0 | PARTITIONS 0 is not possible",
                "create table t (w int) partition by hash (w) colocate with nobody | no such partitioned table",
                "create table t (w int generated always as (1)) partition by hash (w) | computed by H2",
                "create table c (w int, id int, foreign key (id) references q (id)) partition by hash (w) | foreign"
                        + " key from PUBLIC.C to PUBLIC.Q",
                "create table c (w int, id int, foreign key (w, id) references p (w, id)) | join a plain and a"
                        + " partitioned table",
                "create table c (w int, id int, foreign key (w, id) references p (w, id)) partition by hash (id) |"
                        + " must pair",
                "create table c (w int, id int, foreign key (w, id) references p (w, id)) partition by hash (w)"
                        + " partitions 2 | two sets",
                "alter table p drop column w | ",
                "alter table p alter column w rename to v | cannot be dropped or renamed",
                "alter table p alter column w varchar(10) | cannot get another type",
                "alter table p alter column w set data type bigint using w + 1 | UPDATE the column, which moves them",
                "alter table public.p alter w bigint using w + 1 | UPDATE the column, which moves them",
                "alter table p alter column w set default on null | DEFAULT ON NULL",
                "alter table p alter column w set on update 7 | computed by H2",
                "alter table n alter column k int | cannot get another type, INTEGER",
                "alter table n alter column k numeric(12, 1) | cannot get another type",
                "alter table n alter column b binary(9) | cannot get another type",
                "alter table n alter column t timestamp(0) | cannot get another type",
                "alter table p alter column x set invisible | leave INVISIBLE out",
                "create table t (id int primary key, x int invisible) replicated | leave INVISIBLE out",
                "create unique index ux on p (x) | must contain its partition columns",
                "alter table p add column at timestamp default current_timestamp | other values",
                "alter table p add column n int generated always as identity | identity",
                "create table t as select 1 as x | AS is not supported yet",
                "create local temporary table t (x int) | temporary tables",
            })
    void refusals(String sql, String part) {
        change("create table p (w int, id int, x int, primary key (w, id), unique (w, id, x)) partition by hash (w)");
        change("create table n (k numeric(10, 2), b varbinary(9), t timestamp) partition by hash (k, b, t)");
        change("create table q (id int primary key)");
        String message = refusal(sql);
        assertTrue(part == null || message.contains(part), message);
        assertEquals(3, catalog.version());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create sequence s start with extract(epoch from current_timestamp) | START of a sequence",
                "create sequence s as bigint minvalue 1 increment by rand() | query the value first",
                "alter table q alter column id restart with (select max(id) + 1 from q) | query the value first",
                "create table t (id bigint generated always as identity(start with 5 cache rand())) | CACHE of a",
            })
    void optionsOfSequencesAreNumbers(String sql, String part) {
        change("create table q (id bigint generated by default as identity (start with -5 increment by 2) primary"
                + " key)");
        change("create sequence if not exists s2 as bigint start with (10 + 1) maxvalue 1000 no cycle cache 20");
        change("alter table q alter column id restart with 7");
        String message = refusal(sql);
        assertTrue(message.contains(part), message);
        assertEquals(3, catalog.version());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create user fred password 'x' | CREATE USER is not supported",
                "create alias f for 'java.lang.Math.abs' | CREATE ALIAS is not supported",
                "create trigger tr before insert on p call 'x' | CREATE TRIGGER is not supported",
                "create linked table l ('', '', '', '', 'x') | CREATE LINKED is not supported",
                "drop all objects | DROP ALL is not supported",
                "truncate table p restart identity | RESTART IDENTITY",
                "alter table q alter column id set data type uuid using random_uuid() | other values",
                "alter table p alter column x set data type int using (select max(id) from q) | with a sub-query",
                "alter table p add column y int using (select max(id) from q) | with a sub-query",
                "create spatial index s on p (x) | spatial indexes are not supported",
                "create spatial index if not exists s on p (x) | spatial indexes are not supported",
                "create or replace spatial index s on p (x) | spatial indexes are not supported",
                "create memory table m (id int primary key) not persistent | NOT PERSISTENT is not supported",
                "create memory table m (id int primary key) not persistent partition by hash (id) | NOT PERSISTENT is"
                        + " not",
                "create constant c value current_timestamp | each replica would compute",
                "create constant c value (select count(*) from q) | each replica would compute",
                "alter table q set referential_integrity false | DROP CONSTRAINT",
                "create table m (k int primary key, v int default (select max(id) from q)) partition by hash (k) |"
                        + " DEFAULT of V",
                "create table m (k int primary key, check (k < (select max(id) from p))) | CHECK",
                "alter table p add constraint c check (x <> (select max(x) from p)) | CHECK C",
            })
    void whatReplicasWouldDoEachInItsOwnWayIsRefused(String sql, String part) {
        refusals(sql, part);
    }

    private PartitionedTable.PartitionColumn key(String table) {
        CatalogTable found = catalog.snapshot().tables().get(table);
        assertNotNull(found, table);
        assertNotNull(found.partitioned(), table);
        return found.partitioned().key().get(0);
    }

    @Test
    void partitionColumnsAreThoseH2HasAfterAChange() {
        change("create table t (k varchar(5) primary key, v int) partition by hash (k)");
        change("alter table t alter column k varchar(50)");
        assertEquals(50, key("PUBLIC.T").type().getPrecision());
        change("alter table t alter column k set default 'x'");
        assertEquals(ValueVarchar.get("x"), key("PUBLIC.T").defaultValue());
        change("create sequence s");
        change("create table n (k int default 3) partition by hash (k)");
        change("alter table n add column v int");
        change("alter table n alter column k numeric(10, 2)");
        assertEquals(2, key("PUBLIC.N").type().getScale());
        change("alter table n alter column k set default next value for s");
        assertEquals("PUBLIC.S", key("PUBLIC.N").sequence());
        change("alter table n alter column k drop default");
        assertNull(key("PUBLIC.N").sequence());
        change("alter table n alter column v set data type bigint using v + 1");
        change("create domain d as int default 4");
        change("create table o (k d) partition by hash (k)");
        change("alter domain d set default 5");
        assertEquals(5, key("PUBLIC.O").defaultValue().getInt());
    }

    @Test
    void tablesAreFollowedToNewNames() {
        change("create schema s");
        change("create table s.t (id bigint generated always as identity primary key) partition by hash (id)");
        change("create table s.r (id int primary key) replicated");
        change("create view s.v as select 1 as one");
        change("alter schema s rename to z");
        assertEquals("Z.T.ID", key("Z.T").sequence());
        assertNotNull(catalog.snapshot().tables().get("Z.R").replicated());
        change("alter table z.t rename to t2");
        assertEquals("Z.T2.ID", key("Z.T2").sequence());
        change("alter table z.r rename to r2");
        assertNotNull(catalog.snapshot().tables().get("Z.R2").replicated());
        change("create table z.t (id int)");
        assertNull(catalog.snapshot().tables().get("Z.T").partitioned());
        change("drop schema z cascade");
        assertNull(catalog.snapshot().tables().get("Z.T2"));
    }

    @Test
    void foreignKeysStayWhereRowsAreTogether() {
        change("create table p (w int, id int, primary key (w, id)) partition by hash (w)");
        change("create table c (w2 int, id2 int, foreign key (w2, id2) references p (w, id)) partition by hash (w2)");
        change("create table a (id int primary key)");
        change("create table b (id int references a)");
        assertEquals(4, catalog.version());
    }

    /** H2 allows it: then SELECT * FROM V inserts a row. */
    @Test
    void aViewThatChangesOrLocksRowsIsRefused() {
        change("create table t (id int primary key, \"FINAL\" varchar(20))");
        assertTrue(refusal("create view v as select id from t for update").contains("view PUBLIC.V locks rows"));
        change("create view u as select id, 'for update' as note from t");
        assertTrue(refusal("create view v as select id from final table (insert into t values (1, 'a'))")
                .contains("view PUBLIC.V changes rows"));
        change("create view w as select id, \"FINAL\", 'final table (' as note from t");
    }

    @Test
    void aQueryLocksRowsWhereverItSaysSo() {
        change("create table t (id int primary key, note varchar(20))");
        for (String sql : List.of(
                "select * from t for /* all */ update",
                "select * from (select id from t for update)",
                "select id as a$$ from t -- all\rfor update")) {
            assertTrue(catalog.prepare("PUBLIC", sql).locks(), sql);
        }
        assertFalse(catalog.prepare("PUBLIC", "select note as \"for update\" from t where note <> 'for update'")
                .locks());
    }

    @Test
    void errorsAreH2s() {
        change("create table t (id int primary key, n int)");
        assertEquals("42102 42S02", error("select * from nobody"));
        assertEquals("42122 42S22", error("select x from t"));
        assertEquals("42001 42001", error("select from from t"));
        assertEquals("21002 21S02", error("insert into t values (1)"));
        StatementRefusedException e =
                assertThrows(StatementRefusedException.class, () -> catalog.check("PUBLIC", "create table t (x int)"));
        assertEquals(42101, e.failure().vendorCode());
        e = assertThrows(
                StatementRefusedException.class,
                () -> catalog.check("PUBLIC", "create table u (x int) partition by hush (x)"));
        assertTrue(e.failure().message().contains("[*]hush"), e.failure().message());
    }

    private String error(String sql) {
        StatementRefusedException e =
                assertThrows(StatementRefusedException.class, () -> catalog.prepare("PUBLIC", sql));
        return e.failure().vendorCode() + " " + e.failure().sqlState();
    }

    @Test
    void aFailedChangeLeavesTheCatalogAsItWas() {
        change("create table t (id int primary key)");
        catalog.apply(new CatalogChange(2, "PUBLIC", "create table u (id int)"));
        assertThrows(
                StatementRefusedException.class,
                () -> catalog.apply(new CatalogChange(3, "PUBLIC", "create table u (id int)")));
        assertEquals(3, catalog.version());
        assertNotNull(catalog.snapshot().table("PUBLIC", "U"));
        assertEquals(1, catalog.prepare("PUBLIC", "select id from u").columns().size());
        assertThrows(
                IllegalArgumentException.class, () -> catalog.apply(new CatalogChange(7, "PUBLIC", "drop table u")));
    }

    @Test
    void otherSchemasAreNamedToPartitions() {
        change("create schema s");
        SchemaVerdict verdict = catalog.check("S", "create table t (id int)");
        assertEquals("SET SCHEMA \"S\"; create table t (id int)", verdict.partitionSql());
        catalog.apply(new CatalogChange(2, "S", "create table t (id int)"));
        assertNotNull(catalog.snapshot().table("S", "T"));
        assertEquals(1, catalog.prepare("S", "select * from t").columns().size());
    }

    @Test
    void describesParametersAndColumns() {
        change("create table t (id bigint primary key, n varchar(20) not null)");
        StatementFacts facts = catalog.prepare("PUBLIC", "select n, id + 1 as next from t where id = ?");
        assertEquals("N", facts.columns().get(0).label());
        assertEquals("NEXT", facts.columns().get(1).label());
        assertEquals("BIGINT", facts.parameters().get(0).typeName());
        assertTrue(facts.query() && facts.readOnly());
        assertFalse(catalog.prepare("PUBLIC", "select * from final table (insert into t values (1, 'x'))")
                .readOnly());
        assertTrue(catalog.prepare("PUBLIC", "select * from t for update").locks());
        assertTrue(catalog.prepare("PUBLIC", "select table_name from information_schema.tables")
                .catalogOnly());
        assertTrue(catalog.prepare("PUBLIC", "select 1").catalogOnly());
        assertFalse(catalog.prepare("PUBLIC", "select * from t").catalogOnly());
    }

    @Test
    void answersQueriesAndMetadata() {
        change("create table t (id bigint primary key)");
        RowsPage page = catalog.query(
                "PUBLIC",
                new StatementTime("UTC", 0),
                "select table_name from information_schema.tables where table_schema = ?",
                parameters(ValueVarchar.get("PUBLIC")),
                0);
        assertEquals(1, page.rowCount());
        assertEquals("'T'", ValueCodec.read(new WireReader(page.rows())).getTraceSQL());
        RowsPage columns = catalog.describe(new DescribeCatalog(
                "getColumns",
                parameters(ValueNull.INSTANCE, ValueVarchar.get("PUBLIC"), ValueVarchar.get("T"), ValueNull.INSTANCE)));
        assertEquals(1, columns.rowCount());
        RowsPage product = catalog.describe(new DescribeCatalog("getDatabaseProductName", parameters()));
        assertEquals("'H2'", ValueCodec.read(new WireReader(product.rows())).getTraceSQL());
        assertThrows(
                StatementRefusedException.class,
                () -> catalog.describe(new DescribeCatalog("getConnection", parameters())));
        assertTrue(catalog.mayLogIn("sa", ""));
        assertFalse(catalog.mayLogIn("sa", "x"));
    }

    private static ParameterRows parameters(Value... values) {
        WireWriter out = new WireWriter();
        for (Value value : values) {
            ValueCodec.write(value, out);
        }
        return new ParameterRows(1, values.length, out.toByteArray());
    }

    @Test
    void clientsHaveNoRights() {
        assertEquals(
                90040,
                assertThrows(
                                StatementRefusedException.class,
                                () -> catalog.query(
                                        "PUBLIC",
                                        new StatementTime("UTC", 0),
                                        "select file_read('/etc/hostname')",
                                        ParameterRows.NONE,
                                        0))
                        .failure()
                        .vendorCode());
    }

    @Test
    void readersGoOnDuringChanges() throws Exception {
        change("create table t (id bigint primary key)");
        ExecutorService readers = Executors.newFixedThreadPool(3);
        try {
            Callable<Integer> reader = () -> {
                int seen = 0;
                for (int i = 0; i < 300; i++) {
                    seen += catalog.prepare("PUBLIC", "select * from t where id = " + i)
                            .columns()
                            .size();
                }
                return seen;
            };
            List<Future<Integer>> results =
                    List.of(readers.submit(reader), readers.submit(reader), readers.submit(reader));
            for (int i = 0; i < 20; i++) {
                change("create table t" + i + " (id int) partition by hash (id)");
            }
            for (Future<Integer> result : results) {
                assertEquals(300, result.get());
            }
            assertEquals(21, catalog.version());
        } finally {
            readers.shutdown();
        }
    }
}
