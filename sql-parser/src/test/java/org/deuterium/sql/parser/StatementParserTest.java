package org.deuterium.sql.parser;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.apache.calcite.sql.SqlNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grammar: where it stops, and which words remain names. */
class StatementParserTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select * from t for update",
                "select * from t where a = 1 for update nowait",
                "select * from t where a = 1 for update skip locked",
                "select * from t where a = 1 order by a for update wait 3",
            })
    void rowsLockedByQueries(String sql) throws StatementParseException {
        StatementParser.parse(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "select * from t",
                "select a, count(*), sum(b) from t group by a having count(*) > 1 order by 2 desc limit 3 offset 1",
                "select c_first from customer where c_w_id = ? and c_d_id = ? and c_last = ? order by c_first",
                "select * from t order by a offset 2 rows fetch next 3 rows only",
                "select * from t fetch first row only",
                "select * from t fetch first ? rows only",
                "select t.* from s.t t left join u using (a)",
                "select distinct a from t union all select b from u",
                "with w as (select a from t) select * from w",
                "select date '2020-01-01', time '10:00:00', timestamp '2020-01-01 10:00:00.5'",
                "select date, time, timestamp, value_, sum, count, min, rank, position_, language, start from t",
                "select \"value\", \"key\" from t",
                "select cast(? as int), a || ?, coalesce(a, ?), case when a = 1 then 2 else 3 end from t",
                "select next value for seq",
                "select current_date, current_timestamp, user from t",
                "select * from t where a in (1, 2, ?) and b between 1 and 2 and c like 'x%' and d is not null",
                "select * from t where (a, b) in ((1, 2), (3, 4)) or a != 3 and a % 2 = 0",
                "select a from t where exists (select 1 from u where u.k = t.k)",
                "select x'0aff', 1.5e3, -7, 'it''s', n",
                "select row_number() over (partition by a order by b) from t",
                "select substring(a from 1 for 2), trim(both ' ' from a), extract(year from d), position('a' in b)"
                        + " from t",
                "select count(distinct a), avg(b) filter (where c > 1) from t",
                "select lower(a), upper(a), abs(a), mod(a, 2), length(a), ifnull(a, 1), left(a, 2), year(d) from t",
                "values (1, 'a'), (2, 'b')",
                "insert into t values (1, 2), (3, default)",
                "insert into t (a, b) values (?, ?)",
                "insert into s.t (a) select b from u where k = 3",
                "insert into t default values",
                "insert into t set a = 1, b = ?",
                "insert into t (a) overriding user value values (1)",
                "update t set a = a + 1, b = default where k = ?",
                "update t as x set (a, b) = (1, 2) where x.k = 3",
                "update t set a = (select max(b) from u where u.k = t.k) where k = 1",
                "delete from t where k = 1",
                "delete t",
                "delete from t where k = 1 limit 2",
                "merge into t (a, b) key (a) values (1, 2)",
                "merge into t values (1, 2)",
                "merge into t using u on t.k = u.k when matched then update set a = u.a"
                        + " when not matched then insert values (u.k, u.a)",
                "merge into t x using (values (?, ?)) as v(k, a) on x.k = v.k when matched and v.a = 0 then delete"
                        + " when matched then update set a = v.a when not matched and v.a > 0 then insert (k, a) values"
                        + " (v.k, v.a)",
            })
    void knows(String sql) throws StatementParseException {
        StatementParser.parse(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "show partitions",
                "show partitions from s.t",
                "show replicas",
                "show nodes",
                "partition by hash (w_id)",
                "partition by hash (a, \"b c\") partitions 4 replicas 3 colocate with s.t ack quorum log mixed",
                "partition by range (ts) (partition p1 values less than (date '2026-02-01'))",
                "replicated",
                "partition by hash (a) ack sync min_in_sync 2 log row",
                "partition by hash (a) log statement ack semi_sync 1 partitions 4",
                "alter table s.t set ack chain",
                "alter table t set ack sync min_in_sync 3",
                "alter table t set ack nonsense 7",
                "alter table t set log statement",
                "alter partition 3 transfer leader to n2",
                "alter partition 3 transfer leader to 'Node-2'",
            })
    void knowsWhatDeuteriumAdds(String sql) throws StatementParseException {
        StatementParser.parse(sql);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "selec 1",
                "select from",
                "update t",
                "insert into",
                "show columns from t",
                "select 1 2",
                "alter table t set ack",
                "alter partition 1 move",
                "alter partition x transfer leader to n1"
            })
    void refuses(String sql) {
        assertThrows(StatementParseException.class, () -> StatementParser.parse(sql));
    }

    @Test
    void saysWhereItStopped() {
        StatementParseException e =
                assertThrows(StatementParseException.class, () -> StatementParser.parse("select a\n  from from t"));
        assertEquals("2:8", e.line() + ":" + e.column());
    }

    @Test
    void ordinaryWordsAreNames() {
        List<String> refused = new ArrayList<>();
        for (String word : ("date time timestamp value_ position result method language system count sum min max start"
                        + " rank percent state type name data level size version zone role user_ hash nodes wait log partitions"
                        + " replicas leader transfer min_in_sync trigger text action status order_ quantity open close one of no"
                        + " none identity sql ref returns function procedure each equals initial local global member module")
                .split(" ")) {
            try {
                SqlNode tree = StatementParser.parse(
                        "select " + word + ", t." + word + " from t where " + word + " = 1 order by " + word);
                assertEquals(true, tree.toString().contains(word.toUpperCase(java.util.Locale.ROOT)));
            } catch (StatementParseException e) {
                refused.add(word);
            }
        }
        assertEquals(List.of(), refused);
    }
}
