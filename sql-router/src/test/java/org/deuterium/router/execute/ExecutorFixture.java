package org.deuterium.router.execute;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.router.catalog.CatalogDatabase;
import org.deuterium.router.plan.DataPlan;
import org.deuterium.router.plan.Merge;
import org.deuterium.router.plan.RoutedPlan;
import org.deuterium.router.plan.Routing;
import org.deuterium.router.plan.StatementPlanner;
import org.deuterium.router.plan.StatementShape;
import org.deuterium.router.reads.SessionReads;
import org.deuterium.values.ValueCodec;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.ValueType;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.KeysWanted;
import org.deuterium.wire.statement.ParameterRows;
import org.deuterium.wire.statement.RowsPage;
import org.h2.value.Value;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** A plan executor over fake partitions, with plans made by hand: the set "hash/4" routes by the first parameter. */
public final class ExecutorFixture implements AutoCloseable {

    public static final NodeId SELF = new NodeId("n1");
    public static final String SET = "hash/4";

    /** Nodes besides this one that were asked for something, in order. */
    final List<NodeId> asked = new CopyOnWriteArrayList<>();

    /** Those that take requests and never answer; the others cannot be reached. */
    final Set<NodeId> silent = ConcurrentHashMap.newKeySet();

    public final FakeBoard board = new FakeBoard(SELF);
    public final FakePartitions partitions = new FakePartitions(SELF, board);
    final ExecutorService workers = Executors.newCachedThreadPool();
    public final PartitionLeaders leaders;
    final PlanExecutor executor;
    final SequenceCache sequences;
    final StatementPlanner planner;
    private final OwnProposals proposals;
    private final SchemaFollower follower;
    public final TransactionNumbers numbers = new TransactionNumbers(7);
    private final ScratchDatabase scratch = new ScratchDatabase();

    public ExecutorFixture(long mergeMemoryBytes) throws SQLException {
        NodeCalls others = (node, request, answer) -> {
            asked.add(node);
            if (!silent.contains(node)) {
                answer.accept(Failure.of(ErrorCode.NO_LEADER, "node " + node + " cannot be reached"));
            }
        };
        leaders = new PartitionLeaders(SELF, board, partitions, others, workers);
        CatalogDatabase catalog = new CatalogDatabase();
        follower = new SchemaFollower(board, catalog, workers);
        sequences = new SequenceCache(leaders);
        planner = new StatementPlanner(catalog);
        proposals = new OwnProposals(SELF, board, board);
        SchemaChanges changes = new SchemaChanges(board, proposals, board, leaders, follower, planner, 1);
        executor = new PlanExecutor(leaders, catalog, sequences, changes, scratch, mergeMemoryBytes, workers);
        board.ensure(SET, 4, 1);
    }

    /** The planner knows the tables made until now. */
    void catalogFollows() {
        follower.catchUp();
    }

    /** Makes a table in every partition. */
    public void createTable(String sql) {
        SchemaProposal proposal = board.propose(board.version(), sql, sql, "PUBLIC");
        if (proposal == null || !board.decide(proposal)) {
            throw new IllegalStateException("the schema log did not take " + sql);
        }
    }

    /** A statement routed by its first parameter, to all partitions if there is none. */
    public DataPlan plan(String sql, boolean writes, int parameters, @Nullable Merge merge) {
        Routing routing = new Routing() {
            @Override
            public String partitionSet() {
                return SET;
            }

            @Override
            public int slot(ParameterRows rows, int set) {
                return rows.perSet() == 0 ? SEVERAL : slotOf(rows, set);
            }

            @Override
            public int @Nullable [] slots(ParameterRows rows, int set) {
                return rows.perSet() == 0 ? null : new int[] {slotOf(rows, set)};
            }
        };
        ColumnDescription any =
                new ColumnDescription("C", "C", "", "", ValueType.INTEGER, "INTEGER", 4, 32, 0, 11, 1, false, "");
        List<ColumnDescription> wanted = new ArrayList<>();
        for (int i = 0; i < parameters; i++) {
            wanted.add(any);
        }
        StatementShape shape =
                new StatementShape(board.version(), !writes, writes, false, false, wanted, List.of(any, any));
        return new DataPlan(shape, sql, routing, merge, "several partitions: not supported", null);
    }

    private static int slotOf(ParameterRows rows, int set) {
        WireReader in = new WireReader(rows.values());
        for (int i = 0; i < set * rows.perSet(); i++) {
            ValueCodec.read(in);
        }
        return (ValueCodec.read(in).getInt() * 16384 + 5) & 0xffff;
    }

    /** Sets of values: Integer, String or null. */
    public static ParameterRows parameters(int sets, @Nullable Object... values) {
        WireWriter out = new WireWriter();
        for (Object value : values) {
            Value h2 = value == null
                    ? ValueNull.INSTANCE
                    : value instanceof Integer number ? ValueInteger.get(number) : ValueVarchar.get((String) value);
            ValueCodec.write(h2, out);
        }
        return new ParameterRows(sets, values.length / sets, out.toByteArray());
    }

    public StatementCall call(ParameterRows parameters, int fetchSize, @Nullable TransactionBranches transaction) {
        return new StatementCall(
                parameters,
                new StatementCall.Wishes(fetchSize, 0, 0, KeysWanted.NONE, true),
                new SessionContext("PUBLIC", "UTC", 100),
                transaction,
                numbers,
                new SessionReads(50));
    }

    /** What a statement answered. */
    public record Answered(Message message, @Nullable OpenRows more) {

        public Failure failure() {
            return (Failure) message;
        }
    }

    public Answered run(RoutedPlan plan, StatementCall call) {
        CompletableFuture<Answered> answer = new CompletableFuture<>();
        executor.execute(plan, call, (message, more) -> answer.complete(new Answered(message, more)));
        return get(answer);
    }

    public Answered run(RoutedPlan plan, ParameterRows parameters) {
        return run(plan, call(parameters, 0, null));
    }

    public static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(60, TimeUnit.SECONDS).join();
    }

    public static <T> T await(java.util.function.Consumer<java.util.function.Consumer<T>> asynchronous) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        asynchronous.accept(answer::complete);
        return get(answer);
    }

    /** All rows, fetched to their end, as text. */
    public List<String> rows(Answered answered) {
        List<String> rows = new ArrayList<>();
        Message message = answered.message();
        OpenRows more = answered.more();
        while (true) {
            if (!(message instanceof RowsPage page)) {
                throw new AssertionError("rows expected: " + message);
            }
            read(page, rows);
            if (more == null || page.cursor() == RowsPage.NO_MORE) {
                return rows;
            }
            OpenRows open = more;
            message = await(answer -> open.fetch(3, answer));
        }
    }

    private static void read(RowsPage page, List<String> rows) {
        WireReader in = new WireReader(page.rows());
        List<Value> values = new ArrayList<>();
        while (in.remaining() > 0) {
            values.add(ValueCodec.read(in));
        }
        int width = page.rowCount() == 0 ? 0 : values.size() / page.rowCount();
        Function<Value, String> text = value -> String.valueOf(value.getString());
        for (int row = 0; row < page.rowCount(); row++) {
            rows.add(String.join(
                    "|",
                    values.subList(row * width, (row + 1) * width).stream()
                            .map(text)
                            .toList()));
        }
    }

    @Override
    public void close() throws SQLException {
        workers.shutdownNow();
        proposals.close();
        scratch.close();
        partitions.close();
    }
}
