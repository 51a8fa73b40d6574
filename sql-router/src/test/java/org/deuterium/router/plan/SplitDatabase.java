package org.deuterium.router.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import org.deuterium.router.catalog.CatalogChange;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.catalog.Partitioner;
import org.deuterium.router.catalog.RegularMode;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.statement.ParameterRows;
import org.h2.command.CommandInterface;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.jdbc.JdbcConnection;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.h2.value.ValueArray;
import org.h2.value.ValueBigint;

/**
 * A planner with real H2 databases behind it: one for the home partition, some for the partitions of each hash set, and
 * one H2 that holds all rows and runs every statement as it stands: the oracle.
 */
final class SplitDatabase implements AutoCloseable {

    static final int PARTITIONS = 4;

    final CatalogDatabase catalog = new CatalogDatabase();
    final StatementPlanner planner = new StatementPlanner(catalog);
    private final List<JdbcConnection> connections = new ArrayList<>();
    private final SessionLocal home = open();
    private final List<SessionLocal> partitions = new ArrayList<>();
    private final SessionLocal oracle = open();
    private long nextDrawn = 1;

    SplitDatabase() {
        for (int i = 0; i < PARTITIONS; i++) {
            partitions.add(open());
        }
    }

    private SessionLocal open() {
        try {
            JdbcConnection connection = new JdbcConnection(
                    "jdbc:h2:mem:" + UUID.randomUUID() + ";OPTIMIZE_REUSE_RESULTS=0",
                    new java.util.Properties(),
                    "SA",
                    "",
                    false);
            connections.add(connection);
            return (SessionLocal) connection.getSession();
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs a schema change everywhere. */
    void change(String sql) {
        SchemaChangePlan plan = (SchemaChangePlan) planner.plan(sql, "PUBLIC");
        catalog.apply(new CatalogChange(catalog.version() + 1, "PUBLIC", sql));
        run(home, plan.partitionSql(), new Value[0]);
        partitions.forEach(partition -> run(partition, plan.partitionSql(), new Value[0]));
        run(oracle, plan.partitionSql(), new Value[0]);
    }

    /** Runs a data change through the planner, and on the oracle. */
    void update(String sql, Value... parameters) {
        DataPlan plan = (DataPlan) planner.plan(sql, "PUBLIC");
        ParameterRows rows = encode(parameters);
        String text = plan.sql();
        Value[] values = parameters;
        DrawnKeys drawn = plan.drawn();
        if (drawn != null) {
            Value[] all = java.util.Arrays.copyOf(parameters, parameters.length + drawn.count());
            for (int i = parameters.length; i < all.length; i++) {
                all[i] = ValueBigint.get(nextDrawn++);
            }
            rows = encode(all);
            text = drawn.sql().sql();
            values = bind(drawn.sql(), all);
        }
        List<SessionLocal> targets = targets(plan, rows);
        if (targets.size() != 1) {
            throw new IllegalStateException(plan.refusal());
        }
        run(targets.get(0), text, values);
        run(oracle, text, values);
    }

    /** The rows of a query as text, put together from the partitions as the plan says. */
    List<String> query(String sql, Value... parameters) {
        return answer((DataPlan) planner.plan(sql, "PUBLIC"), parameters).stream()
                .map(SplitDatabase::text)
                .toList();
    }

    /** The rows of a query as text, by the one H2 that has them all. */
    List<String> oracle(String sql, Value... parameters) {
        return run(oracle, sql, parameters).stream().map(SplitDatabase::text).toList();
    }

    /** The partitions a statement asks, as numbers; empty for the home partition. */
    List<Integer> asked(String sql, Value... parameters) {
        DataPlan plan = (DataPlan) planner.plan(sql, "PUBLIC");
        return targets(plan, encode(parameters)).stream()
                .map(partitions::indexOf)
                .filter(i -> i >= 0)
                .toList();
    }

    private List<Value[]> answer(DataPlan plan, Value[] parameters) {
        ParameterRows rows = encode(parameters);
        List<SessionLocal> targets = targets(plan, rows);
        if (targets.size() == 1) {
            return run(targets.get(0), plan.sql(), parameters);
        }
        Merge merge = plan.merge();
        if (merge == null) {
            throw new IllegalStateException(plan.refusal());
        }
        List<Value[]> all = new ArrayList<>();
        for (SessionLocal target : targets) {
            all.addAll(run(target, merge.pushed().sql(), bind(merge.pushed(), parameters)));
        }
        if (merge instanceof Merge.Concatenation concatenation) {
            return limited(all, concatenation.limit(), rows);
        }
        if (merge instanceof Merge.OrderedMerge ordered) {
            all.sort(comparator(ordered.keys()));
            return limited(all, ordered.limit(), rows).stream()
                    .map(row -> java.util.Arrays.copyOf(row, ordered.visibleColumns()))
                    .toList();
        }
        return combine((Merge.Combination) merge, all, parameters);
    }

    private List<Value[]> combine(Merge.Combination combination, List<Value[]> all, Value[] parameters) {
        int columns = combination.partials().size();
        Value[] clients = bind(combination.combine(), parameters);
        Value[] values = new Value[columns + clients.length];
        for (int column = 0; column < columns; column++) {
            Value[] items = new Value[all.size()];
            for (int row = 0; row < items.length; row++) {
                items[row] = all.get(row)[column];
            }
            values[column] = ValueArray.get(items, RegularMode.INSTANCE);
        }
        System.arraycopy(clients, 0, values, columns, clients.length);
        return run(home, combination.combine().sql(), values);
    }

    private static List<Value[]> limited(List<Value[]> rows, RowLimit limit, ParameterRows parameters) {
        long offset = Math.min(rows.size(), limit.offset(parameters, 0));
        long fetch = limit.fetch(parameters, 0);
        long end = fetch == RowLimit.ALL ? rows.size() : Math.min(rows.size(), offset + fetch);
        return rows.subList((int) offset, (int) end);
    }

    private Comparator<Value[]> comparator(List<Merge.SortKey> keys) {
        return (a, b) -> {
            for (Merge.SortKey key : keys) {
                Value left = a[key.column()];
                Value right = b[key.column()];
                boolean leftNull = left == org.h2.value.ValueNull.INSTANCE;
                boolean rightNull = right == org.h2.value.ValueNull.INSTANCE;
                int order;
                if (leftNull || rightNull) {
                    boolean first = key.nullsFirst() == null ? !key.descending() : key.nullsFirst();
                    order = leftNull == rightNull ? 0 : leftNull == first ? -1 : 1;
                } else {
                    order = home.compare(left, right) * (key.descending() ? -1 : 1);
                }
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        };
    }

    private List<SessionLocal> targets(DataPlan plan, ParameterRows parameters) {
        if (plan.routing().partitionSet().equals("home")) {
            return List.of(home);
        }
        int[] slots = plan.routing().slots(parameters, 0);
        int slot = plan.routing().slot(parameters, 0);
        if (slots == null) {
            return partitions;
        }
        TreeSet<Integer> chosen = new TreeSet<>();
        for (int each : slots) {
            chosen.add(each * PARTITIONS / Partitioner.SLOTS);
        }
        if (slot != Routing.SEVERAL && !chosen.equals(Collections.singleton(slot * PARTITIONS / Partitioner.SLOTS))) {
            throw new AssertionError("slot " + slot + " but slots " + chosen);
        }
        return chosen.stream().map(partitions::get).toList();
    }

    private static Value[] bind(BoundSql sql, Value[] parameters) {
        int[] places = sql.parameters();
        if (places == null) {
            return parameters;
        }
        Value[] bound = new Value[places.length];
        for (int i = 0; i < places.length; i++) {
            bound[i] = parameters[places[i]];
        }
        return bound;
    }

    static ParameterRows encode(Value... parameters) {
        WireWriter out = new WireWriter();
        for (Value value : parameters) {
            ValueCodec.write(value, out);
        }
        return new ParameterRows(1, parameters.length, out.toByteArray());
    }

    private static List<Value[]> run(SessionLocal session, String sql, Value[] parameters) {
        CommandInterface command = session.prepareCommand(sql);
        List<? extends ParameterInterface> wanted = command.getParameters();
        for (int i = 0; i < wanted.size(); i++) {
            wanted.get(i).setValue(parameters[i], false);
        }
        List<Value[]> rows = new ArrayList<>();
        if (command.isQuery()) {
            ResultInterface result = command.executeQuery(0, 0, false);
            while (result.next()) {
                rows.add(java.util.Arrays.copyOf(result.currentRow(), result.getVisibleColumnCount()));
            }
        } else {
            command.executeUpdate(null);
        }
        return rows;
    }

    private static String text(Value[] row) {
        StringBuilder text = new StringBuilder();
        for (Value value : row) {
            // Through the wire, as a client would see it; the type counts too.
            WireWriter out = new WireWriter();
            ValueCodec.write(value, out);
            Value seen = ValueCodec.read(new WireReader(out.toByteArray()));
            text.append(text.length() == 0 ? "" : " | ").append(seen.getTraceSQL());
        }
        return text.toString();
    }

    @Override
    public void close() throws java.sql.SQLException {
        catalog.close();
        for (JdbcConnection connection : connections) {
            connection.close();
        }
    }
}
