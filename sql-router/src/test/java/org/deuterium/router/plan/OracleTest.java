package org.deuterium.router.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.deuterium.router.catalog.StatementRefusedException;
import org.h2.value.Value;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers put together from four H2 databases equal those of one H2 that holds all rows. */
class OracleTest {

    private static SplitDatabase db;

    @BeforeAll
    static void fill() {
        db = new SplitDatabase();
        db.change(
                "create table orders (w int, id int, c int, amount decimal(12, 2), price double precision, note varchar(20),"
                        + " born date, big bigint, code char(4), primary key (w, id)) partition by hash (w) partitions 4");
        db.change("create table lines (w int, o int, n int, item int, qty int, primary key (w, o, n)) "
                + "partition by hash (w) colocate with orders");
        db.change("create table names (k varchar(10) primary key, v int) partition by hash (k) partitions 4");
        db.change("create view big_orders as select w, id, amount from orders where amount > 50");
        db.change("create table \"odd t\" (\"k\" int, \"value\" int, \"order\" varchar(9), sum int, \"sélect\" int,"
                + " primary key (\"k\", sum)) partition by hash (\"k\") partitions 4");
        for (int i = 0; i < 20; i++) {
            db.update(
                    "insert into \"odd t\" values (" + i + ", ?, 'ü" + i % 3 + "', " + i % 4 + ", " + i % 2 + ")",
                    ValueInteger.get(i * 7 % 5));
        }
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            int w = random.nextInt(13);
            db.update(
                    "insert into orders values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    ValueInteger.get(w),
                    ValueInteger.get(i),
                    nullable(random, ValueInteger.get(random.nextInt(7))),
                    org.h2.value.ValueNumeric.getAnyScale(
                            new java.math.BigDecimal(random.nextInt(10_000)).movePointLeft(2)),
                    nullable(random, org.h2.value.ValueDouble.get(random.nextInt(64) / 8.0)),
                    nullable(random, ValueVarchar.get("n" + random.nextInt(9))),
                    org.h2.value.ValueDate.parse("2026-0" + (1 + random.nextInt(9)) + "-11"),
                    org.h2.value.ValueBigint.get(random.nextLong() >> 20),
                    ValueVarchar.get("c" + random.nextInt(3)));
            for (int n = random.nextInt(4); n > 0; n--) {
                db.update(
                        "insert into lines values (" + w + ", " + i + ", " + n + ", " + random.nextInt(10) + ", ?)",
                        ValueInteger.get(random.nextInt(5)));
            }
        }
        for (int i = 0; i < 40; i++) {
            db.update("insert into names values (?, ?)", ValueVarchar.get("k" + i), ValueInteger.get(i % 5));
        }
    }

    private static Value nullable(Random random, Value value) {
        return random.nextInt(8) == 0 ? ValueNull.INSTANCE : value;
    }

    @AfterAll
    static void close() throws java.sql.SQLException {
        db.close();
    }

    /** Any order will do: the rows are sorted before they are compared. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select * from orders",
                "select * from orders where w = 3",
                "select * from orders where w in (1, 2, 3) and id > 50",
                "select * from orders where w = 1 or w = 5 or w = 5",
                "select * from orders where 4 = w and id < 100",
                "select * from orders where w = 3.0",
                "select * from orders where w = 3.5",
                "select * from orders where w = '7'",
                "select * from orders where cast(w as varchar) = '7'",
                "select * from names where k = 'k7'",
                "select * from names where k in ('k7', 'k8', 'none')",
                "select o.id, l.n from orders o join lines l on o.w = l.w and o.id = l.o",
                "select o.id, l.n from orders o, lines l where o.w = l.w and o.id = l.o and l.w = 4",
                "select o.id, l.n from orders o left join lines l on o.w = l.w and o.id = l.o",
                "select o.id, l.n from orders o left join lines l on o.w = l.w and o.id = l.o and l.w = 2",
                "select o.id, l.n from orders o left join lines l on o.w = l.w and o.id = l.o and o.w = 2",
                "select o.id, l.n from orders o left join lines l on o.w = l.w and o.id = l.o where l.w = 2",
                "select o.id, l.n from orders o left join lines l on o.w = l.w and o.id = l.o where l.w is null",
                "select o.id, l.n from lines l right join orders o on o.w = l.w and o.id = l.o and l.w = 2",
                "select id, n from orders join lines using (w) where id = o",
                "select * from (select x.*, y.*, 7, x.w as z from (select w from orders) x join (select distinct w from orders)"
                        + " y on x.w = y.w) s (c1, c2, c3, c4) where c3 = 7",
                "select * from (select * from (select c, w from orders) x join (select w, id from orders) y using (w))"
                        + " s (c1, c2, c3) where c2 = 3",
                "select * from (select * from (select c, w from orders) x right join (select c as d, w from orders) y"
                        + " on x.w = y.w and x.c = d) s (c1, c2, c3, c4) where c2 = 3",
                "select * from orders where w = 3 union all select * from orders where w = 3 and id > 4",
                "select * from (select w, id from orders where c = 2) x",
                "select * from (select w, id from orders where c = 2) x where w = 4",
                "select * from (select w, id from orders where w = 3 limit 5) x",
            })
    void rowsInAnyOrder(String sql) {
        sameInAnyOrder(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select count(*) from orders",
                "select count(*), count(c), sum(c), sum(amount), min(note), max(born), avg(amount), avg(c) from orders",
                "select count(*), sum(c) from orders where id < 0",
                "select sum(big), avg(big) from orders where big between -1000000 and 1000000",
                "select sum(price), avg(price) from orders",
                "select c, count(*) from orders group by c",
                "select c, code, sum(amount) s, avg(amount) from orders group by c, code having count(*) > 3",
                "select o.c + 1, count(*) + 1 from orders o group by o.c + 1",
                "select c as x, count(*) from orders group by x",
                "select c as w, count(*) from orders group by w",
                "select mod(w, 3) as w, count(*) from orders o group by o.w",
                "select mod(w, 3) as w, w as v, count(*) from orders group by mod(w, 3), v",
                "select w as x, count(*) from orders group by w",
                "select mod(w, 3) as x, w, count(*) from orders o group by o.w",
                "select x.w, n from (select c as w, count(*) n from orders where w = 4 group by w) x",
                "select o.w, count(*) from orders o join lines l using (w) join orders p using (w) group by o.w",
                "select w, count(*), stddev_pop(c) from orders group by w",
                "select c, count(distinct note), count(*), sum(distinct c) from orders group by c",
                "select count(distinct c) from orders",
                "select count(distinct c), avg(distinct c), min(c) from orders",
                "select count(*) filter (where c > 2), sum(amount) filter (where c = 1) from orders",
                "select case when c > 2 then 'many' else 'few' end, count(*) from orders"
                        + " group by case when c > 2 then 'many' else 'few' end",
                "select distinct c from orders",
                "select l.w, count(*) from orders o left join lines l on o.w = l.w and o.id = l.o group by l.w",
                "select distinct l.w from orders o left join lines l on o.w = l.w and o.id = l.o",
                "select distinct l.w from lines l right join orders o on o.w = l.w and o.id = l.o",
                "select x.w, x.n from (select l.w, count(*) n from orders o left join lines l on o.w = l.w and o.id = l.o"
                        + " where o.w = 4 group by l.w) x",
                "select distinct note, code from orders",
                "select distinct w from orders",
                "select distinct w, c from orders",
                "select * from orders o where exists (select 1 from lines l where l.w = o.w and l.o = o.id and l.qty > 2)",
                "select * from orders o where not exists (select 1 from lines l where l.w = o.w and l.o = o.id)",
                "select * from orders o where o.w in (select l.w from lines l where l.o = o.id)",
                "select o.id, (select sum(qty) from lines l where l.w = o.w and l.o = o.id) from orders o",
                "select * from big_orders",
                "select * from big_orders where w = 5",
                "select count(*), sum(amount) from big_orders",
                "select x.w, n from (select w, sum(amount) n from orders group by w) x",
                "select x.w, n from (select w, sum(amount) n from orders group by w) x where x.w = 7",
                "select x.w, l.n from (select distinct w from orders) x join lines l on l.w = x.w",
                "with x as (select w, id from orders where c = 2) select * from x",
                "with x as (select w, c from orders) select c, count(*) from x group by c",
                "select count(*) from (select id from orders where w = 3 union select o from lines where w = 3) x",
                "select row_number() over (order by id) from orders where w = 2",
                "select bool_and(c > 0), max(length(note)) from orders",
                "select max(code), min(code) from orders",
                "select code, count(*) from orders group by code",
                "select upper(note) u, count(*) from orders group by upper(note)",
                "select extract(month from born), count(*) from orders group by extract(month from born)",
                "select sum(c) * 2 + count(*) from orders having count(*) > 1",
            })
    void groupsAndNestedQueriesInAnyOrder(String sql) {
        sameInAnyOrder(sql);
    }

    /** USING joins with the first table of its chain, as H2 reads it, whatever other tables have a column of that name. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "select count(*) from orders a join lines l on a.c = l.w join orders b using (w)",
                "select count(*) from orders a, lines l join orders b using (w)",
                "select count(*) from orders a cross join lines l join orders b using (w)",
                "select count(*) from orders a join lines l join orders b using (w) on a.c = l.n",
            })
    void tablesThatUsingDoesNotJoinAreNotTakenForJoined(String sql) {
        assertThrows(StatementRefusedException.class, () -> db.query(sql));
    }

    private void sameInAnyOrder(String sql) {
        List<String> expected = sorted(db.oracle(sql));
        assertEquals(String.join("\n", expected), String.join("\n", sorted(db.query(sql))), () -> describe(sql));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select * from orders order by id",
                "select id, w from orders order by w desc, id",
                "select id from orders order by w, id desc",
                "select id from orders order by c nulls last, id",
                "select id from orders order by c desc nulls first, id",
                "select id from orders order by c desc, 1",
                "select id as x from orders order by x desc",
                "select id, c, -id as id from orders order by id limit 7",
                "select id as c, c as id from orders where c is not null order by id limit 9",
                "select o.*, -o.id as id from orders o order by id limit 7",
                "select -id as n, o.* from orders o order by id limit 7",
                "select o.*, l.* from orders o join lines l on o.w = l.w and o.id = l.o order by id, n limit 20",
                "select o.w, -o.id as id from orders o order by o.id limit 7",
                "select note, id from orders order by note, id fetch first 10 rows only",
                "select id from orders order by amount, id limit 7 offset 5",
                "select id from orders order by amount + w, id offset 190 rows",
                "select * from orders order by upper(note) desc, id fetch first row only",
                "select o.* from orders o order by o.amount desc, o.id limit 3",
                "select o.id, l.n from orders o join lines l on o.w = l.w and o.id = l.o order by l.qty, o.id, l.n limit 20",
                "select c, count(*) n from orders group by c order by n desc, c",
                "select c, sum(amount) from orders group by c order by sum(amount) desc fetch first 3 rows only",
                "select c from orders group by c order by count(*) desc, 1 limit 2 offset 1",
                "select c, count(*) from orders group by c having sum(amount) > 100 order by c desc nulls last",
                "select w, count(*) from orders group by w order by 2 desc, 1 limit 4",
                "select w from orders group by w order by sum(amount) desc limit 4",
                "select distinct note from orders order by note desc limit 4",
                "select distinct c, code from orders order by 2, 1",
                "select k from names order by k",
                "select \"value\", \"k\" from \"odd t\" order by \"order\" desc, \"k\" limit 7",
                "select \"order\", sum(\"value\"), count(*) from \"odd t\" group by \"order\" order by 1",
                "select sum, max(\"sélect\") as \"max\" from \"odd t\" where \"order\" <> 'ü1' group by sum order by sum",
                "select distinct t.\"order\" from \"odd t\" t order by t.\"order\"",
                "select w, interval '1' day + born as d from orders where born > date '2026-03-01' order by d, w, id",
                "select trim(both 'n' from note), count(*) from orders where note like 'n%' and not code = 'c1'"
                        + " group by trim(both 'n' from note) order by 1",
                "select substring(note from 2 for 1) s, max(cast(amount as int)) from orders where c is not null"
                        + " group by substring(note from 2 for 1) order by 2, 1",
                "select note || '-' || code x, id from orders where c between 1 and 3 order by x, id limit 12",
                "select coalesce(c, 0) + 1, sum(case when w in (1, 2) then amount else 0 end) from orders"
                        + " group by coalesce(c, 0) + 1 order by 1",
                "select id, position('1' in note), char_length(code) from orders order by position('1' in note), id limit 9",
                "select w, id from big_orders order by amount desc, id limit 5",
                "with x as (select w, id, c from orders) select id from x order by c, id limit 9",
                "select id from orders where w in (1, 2, 9) order by id limit 5",
            })
    void inOrder(String sql) {
        assertEquals(String.join("\n", db.oracle(sql)), String.join("\n", db.query(sql)), () -> describe(sql));
    }

    @Test
    void parametersReachTheirPlaces() {
        String sql = "select c, sum(amount) + ? from orders where w > ? and id < ? group by c"
                + " having count(*) > ? order by 2 desc, 1 limit ?";
        Value[] values = {
            ValueInteger.get(7), ValueInteger.get(2), ValueInteger.get(150), ValueInteger.get(2), ValueInteger.get(4)
        };
        assertEquals(db.oracle(sql, values), db.query(sql, values), () -> describe(sql));
        String paged = "select id + ? from orders where w <> ? order by amount + ?, id limit ? offset ?";
        Value[] more = {
            ValueInteger.get(1000), ValueInteger.get(2), ValueInteger.get(1), ValueInteger.get(6), ValueInteger.get(3)
        };
        assertEquals(db.oracle(paged, more), db.query(paged, more), () -> describe(paged));
        String keyed = "select id from orders where id > ? and w in (?, ?) order by id";
        Value[] keys = {ValueInteger.get(5), ValueInteger.get(4), ValueVarchar.get("11")};
        assertEquals(db.oracle(keyed, keys), db.query(keyed, keys), () -> describe(keyed));
    }

    /** Grammar-driven queries; a failure names the seed. */
    @Test
    void randomQueries() {
        int answered = 0;
        for (int seed = 0; seed < 400; seed++) {
            String sql = randomQuery(new Random(seed));
            int number = seed;
            List<String> expected = db.oracle(sql);
            List<String> got = db.query(sql);
            boolean ordered = sql.contains("order by");
            assertEquals(
                    ordered ? expected : sorted(expected),
                    ordered ? got : sorted(got),
                    () -> "seed " + number + ": " + describe(sql));
            answered += expected.isEmpty() ? 0 : 1;
        }
        assertTrue(answered > 200, "too many empty answers: " + (400 - answered));
    }

    private static String randomQuery(Random random) {
        boolean join = random.nextInt(3) == 0;
        String from = join
                ? " from orders o " + pick(random, "join", "left join") + " lines l on o.w = l.w and o.id = l.o"
                : " from orders o";
        List<String> conditions = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            conditions.add(pick(
                    random,
                    "o.w = " + random.nextInt(13),
                    "o.w in (" + random.nextInt(13) + ", " + random.nextInt(13) + ")",
                    "o.c > " + random.nextInt(6),
                    "o.note is not null",
                    "o.amount between 10 and " + (20 + random.nextInt(70)),
                    "(o.w = 2 or o.c = " + random.nextInt(6) + ")",
                    "not (o.w = " + random.nextInt(13) + ")",
                    join ? "l.qty > 1" : "o.id > 20",
                    join ? "l.w = " + random.nextInt(13) : "o.id < 170"));
        }
        String where = conditions.isEmpty() ? "" : " where " + String.join(" and ", conditions);
        String group =
                pick(random, "o.c", "o.note", "o.code", "o.w", "o.c + o.w", "o.w, o.c", "extract(month from o.born)");
        return switch (random.nextInt(4)) {
            case 0 ->
                "select o.id, " + pick(random, "o.c", "o.note", "o.amount * 2", "o.born") + from + where
                        + " order by " + pick(random, "o.amount desc, ", "o.c, ", "o.note desc nulls last, ", "")
                        + "o.id" + (join ? ", l.n" : "") + pick(random, "", " limit 10", " limit 5 offset 3");
            case 1 -> "select " + aggregates(random) + from + where;
            case 2 ->
                "select " + group + ", " + aggregates(random) + from + where + " group by " + group
                        + pick(random, "", " having count(*) > 2", " having sum(o.amount) > 50");
            default -> "select distinct " + group + from + where;
        };
    }

    private static String aggregates(Random random) {
        List<String> list = new ArrayList<>();
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            list.add(pick(
                    random,
                    "count(*)",
                    "count(o.note)",
                    "sum(o.c)",
                    "sum(o.amount)",
                    "avg(o.amount)",
                    "avg(o.c)",
                    "min(o.note)",
                    "max(o.born)",
                    "max(o.amount) - min(o.amount)",
                    "count(distinct o.c)",
                    "sum(o.id) / count(*)",
                    "coalesce(sum(o.c), -1)"));
        }
        return String.join(", ", list);
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    @Test
    void keysAskOnlyTheirPartitions() {
        assertEquals(1, db.asked("select * from orders where w = 3").size());
        assertEquals(4, db.asked("select * from orders where id = 3").size());
        assertEquals(
                1,
                db.asked("select * from orders o join lines l on l.w = o.w where l.w = 3")
                        .size());
        assertEquals(
                1,
                db.asked(
                                "select count(*) from orders o, lines l where o.w = ? and l.w = ? and l.o = o.id",
                                ValueInteger.get(3),
                                ValueInteger.get(3))
                        .size());
        assertTrue(db.asked("select * from orders where w in (1, 2)").size() <= 2);
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    private static String describe(String sql) {
        return sql + "\n" + String.join("\n", PlanText.lines(db.planner.plan(sql, "PUBLIC"))) + "\n";
    }
}
