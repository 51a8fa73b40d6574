package org.deuterium.router.plan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import org.deuterium.router.catalog.CatalogChange;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.Partitioner;
import org.deuterium.router.catalog.StatementRefusedException;
import org.deuterium.wire.statement.ParameterRows;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueChar;
import org.h2.value.ValueDouble;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNull;
import org.h2.value.ValueNumeric;
import org.h2.value.ValueVarchar;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The way from the values of a key to its slot. */
class KeyRoutingTest {

    private final CatalogDatabase catalog = new CatalogDatabase();
    private final StatementPlanner planner = new StatementPlanner(catalog);

    @BeforeEach
    void create() {
        apply("create table n (k int primary key) partition by hash (k)");
        apply("create table s (k varchar(20) primary key) partition by hash (k)");
        apply("create table c (k char(5) primary key) partition by hash (k)");
        apply("create table m (a int, b varchar(9), x int, primary key (a, b)) partition by hash (a, b)");
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private void apply(String sql) {
        catalog.apply(new CatalogChange(catalog.version() + 1, "PUBLIC", sql));
    }

    private Routing routing(String sql) {
        return ((DataPlan) planner.plan(sql, "PUBLIC")).routing();
    }

    private int slot(String sql, Value... parameters) {
        return routing(sql).slot(SplitDatabase.encode(parameters), 0);
    }

    private static int slotOf(long number) {
        return Partitioner.slot(Partitioner.hash(number));
    }

    @Test
    void numbersOfEveryTypeFindTheirSlot() {
        String sql = "select * from n where k = ?";
        assertEquals(slotOf(7), slot("select * from n where k = 7"));
        assertEquals(slotOf(-7), slot("select * from n where k = -7"));
        assertEquals(slotOf(7), slot("select * from n where k = 3 + 4"));
        assertEquals(slotOf(7), slot(sql, ValueInteger.get(7)));
        assertEquals(slotOf(7), slot(sql, ValueBigint.get(7)));
        assertEquals(slotOf(7), slot(sql, ValueNumeric.get(new BigDecimal("7.00"))));
        assertEquals(slotOf(7), slot(sql, ValueVarchar.get("7")));
        // A number rounded on insert is not rounded when compared.
        assertEquals(slotOf(8), slot("insert into n values (?)", ValueNumeric.get(new BigDecimal("7.5"))));
        assertTrue(slot(sql, ValueNumeric.get(new BigDecimal("7.5"))) >= 0);
        // H2 compares as DOUBLE, in which large whole numbers fall together.
        assertEquals(Routing.SEVERAL, slot(sql, ValueDouble.get(7)));
        assertEquals(slotOf(7), slot("insert into n values (?)", ValueDouble.get(7)));
    }

    @Test
    void textsFindTheirSlot() {
        int slot = slot("select * from s where k = 'ab'");
        assertEquals(slot, slot("select * from s where k = ?", ValueVarchar.get("ab")));
        assertEquals(slot, slot("insert into s values (?)", ValueVarchar.get("ab")));
        assertEquals(
                slot("select * from c where k = 'ab  '"), slot("insert into c values (?)", ValueVarchar.get("ab")));
        assertEquals(slot("select * from c where k = ?", ValueChar.get("ab")), slot("insert into c values ('ab')"));
        // '07' = 7 in H2: several texts equal one number.
        assertEquals(Routing.SEVERAL, slot("select * from s where k = ?", ValueInteger.get(7)));
    }

    @Test
    void keysOfSeveralColumnsNeedAllOfThem() {
        int slot = slot("insert into m values (1, 'x', 0)");
        assertEquals(slot, slot("select * from m where b = ? and a = ?", ValueVarchar.get("x"), ValueInteger.get(1)));
        assertEquals(slot, slot("select * from m where (a, b) = (1, 'x')"));
        assertEquals(Routing.SEVERAL, slot("select * from m where a = 1"));
        assertNull(routing("select * from m where a = 1").slots(ParameterRows.NONE, 0));
        int[] slots = routing("select * from m where a in (1, 2) and b = 'x'").slots(ParameterRows.NONE, 0);
        assertNotNull(slots);
        assertEquals(2, slots.length);
    }

    @Test
    void everySetOfABatchHasItsOwnSlot() {
        Routing routing = routing("insert into m values (?, ?, ?)");
        ParameterRows one = SplitDatabase.encode(ValueInteger.get(1), ValueVarchar.get("x"), ValueNull.INSTANCE);
        ParameterRows two = SplitDatabase.encode(ValueInteger.get(2), ValueVarchar.get("yy"), ValueInteger.get(3));
        byte[] both = new byte[one.values().length + two.values().length];
        System.arraycopy(one.values(), 0, both, 0, one.values().length);
        System.arraycopy(two.values(), 0, both, one.values().length, two.values().length);
        ParameterRows batch = new ParameterRows(2, 3, both);
        assertEquals(routing.slot(one, 0), routing.slot(batch, 0));
        assertEquals(routing.slot(two, 0), routing.slot(batch, 1));
    }

    @Test
    void equalKeysInOneStatementAreOneSlot() {
        assertArrayEquals(
                new int[] {slotOf(5)},
                routing("select * from n where k in (5, ?, 5)").slots(SplitDatabase.encode(ValueVarchar.get("5")), 0));
        assertEquals(slotOf(5), slot("insert into n values (?), (?)", ValueInteger.get(5), ValueInteger.get(5)));
    }

    @Test
    void aMissingParameterIsAnErrorOfH2s() {
        StatementRefusedException e =
                assertThrows(StatementRefusedException.class, () -> slot("select * from n where k = ?"));
        assertEquals(90012, e.failure().vendorCode());
    }

    @Test
    void plansAreRememberedUntilTheSchemaChanges() {
        RoutedPlan plan = planner.plan("select * from n where k = ?", "PUBLIC");
        assertSame(plan, planner.plan(new String("select * from n where k = ?"), "PUBLIC"));
        assertSame(plan, planner.cached("select * from n where k = ?", "PUBLIC"));
        apply("create table other (x int)");
        assertNull(planner.cached("select * from n where k = ?", "PUBLIC"));
        assertEquals(
                5, planner.plan("select * from n where k = ?", "PUBLIC").shape().schemaVersion());
    }

    @Test
    void theCacheStaysWithinItsBounds() {
        PlanCache cache = new PlanCache(100, 1 << 20);
        RoutedPlan plan = planner.plan("select * from n where k = ?", "PUBLIC");
        long version = plan.shape().schemaVersion();
        for (int i = 0; i < 1_000; i++) {
            cache.put("text " + i, "PUBLIC", plan);
            assertNotNull(cache.get("text 0", "PUBLIC", version), "a plan in use was dropped at " + i);
        }
        assertTrue(cache.size() <= 100, cache.size() + " plans");
        cache.put("x".repeat(1 << 20), "PUBLIC", plan);
        assertNull(cache.get("x".repeat(1 << 20), "PUBLIC", version));
    }
}
