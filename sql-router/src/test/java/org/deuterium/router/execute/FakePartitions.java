package org.deuterium.router.execute;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.AskOutcome;
import org.deuterium.wire.partition.AskPrepared;
import org.deuterium.wire.partition.AskRetained;
import org.deuterium.wire.partition.AwaitSchema;
import org.deuterium.wire.partition.BranchSavepoint;
import org.deuterium.wire.partition.CancelBranch;
import org.deuterium.wire.partition.ChangeAckRule;
import org.deuterium.wire.partition.CloseBranchCursor;
import org.deuterium.wire.partition.DecideBranch;
import org.deuterium.wire.partition.DescribeReplicas;
import org.deuterium.wire.partition.EndBranch;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.FenceSchemaChange;
import org.deuterium.wire.partition.FetchFromBranch;
import org.deuterium.wire.partition.FinishTransaction;
import org.deuterium.wire.partition.HoldMoment;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.NodeRequest;
import org.deuterium.wire.partition.PartitionRequest;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.PrepareBranch;
import org.deuterium.wire.partition.ReadUnderFence;
import org.deuterium.wire.partition.ReplicaStatuses;
import org.deuterium.wire.partition.ReserveSequence;
import org.deuterium.wire.partition.RetainedMoments;
import org.deuterium.wire.partition.SequenceBlock;
import org.deuterium.wire.partition.TransactionKilled;
import org.deuterium.wire.partition.TransactionStatuses;
import org.deuterium.wire.partition.TransferLeader;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.TransactionOutcome;
import org.h2.jdbc.JdbcConnection;
import org.jspecify.annotations.Nullable;

/**
 * Partitions that are plain H2 databases in memory, one each, led by this process: they follow the contract of the
 * partition messages without any replication. A test can make them fail.
 */
public final class FakePartitions implements LocalPartitions, AutoCloseable {

    /** What was committed is before this place in the log, says whoever is asked for it later. */
    public static final LogIndex OUTCOMES_STAND_AT = new LogIndex(77);

    private final NodeId node;
    private final FakeBoard board;
    private final String name = UUID.randomUUID().toString();
    private final Map<PartitionId, Database> databases = new TreeMap<>();
    private final Map<TransactionId, Map<PartitionId, Branch>> branches = new ConcurrentHashMap<>();
    private final Map<Long, FakeResult> cursors = new ConcurrentHashMap<>();
    private final Map<String, Long> sequences = new HashMap<>();
    private final AtomicLong lastCursor = new AtomicLong();
    private final Map<String, Long> committed = new ConcurrentHashMap<>();
    private final ExecutorService workers = Executors.newCachedThreadPool();
    private volatile Predicate<PartitionRequest> unanswerable = request -> false;
    private volatile Predicate<PartitionRequest> stale = request -> false;
    private volatile Function<PartitionId, Message> retained = partition -> new RetainedMoments(0, List.of());
    private volatile Predicate<Timestamp> forgotten = moment -> false;
    private volatile Predicate<PartitionRequest> answerLost = request -> false;
    private volatile Consumer<PartitionRequest> works = request -> {};
    public final List<PartitionRequest> seen = java.util.Collections.synchronizedList(new ArrayList<>());

    /** One partition's H2. */
    private static final class Database {
        private final String url;
        private final Connection owner;
        private long schemaVersion;

        Database(String url) throws SQLException {
            this.url = url;
            owner = DriverManager.getConnection(url, "SA", "");
        }

        JdbcConnection open() throws SQLException {
            return DriverManager.getConnection(url, "SA", "").unwrap(JdbcConnection.class);
        }
    }

    /** One open transaction in one partition. */
    private static final class Branch {
        private final JdbcConnection connection;
        private final Map<Integer, Savepoint> savepoints = new HashMap<>();

        Branch(JdbcConnection connection) throws SQLException {
            this.connection = connection;
            connection.setAutoCommit(false);
        }
    }

    public FakePartitions(NodeId node, FakeBoard board) {
        this.node = node;
        this.board = board;
    }

    /** Requests that this process answers as one that is no leader. */
    public void refuse(Predicate<PartitionRequest> which) {
        unanswerable = which;
    }

    /** Requests that were planned for another version of the schema than this process has. */
    public void callStale(Predicate<PartitionRequest> which) {
        stale = which;
    }

    /** Requests that are done, but whose answer never arrives. */
    public void loseAnswers(Predicate<PartitionRequest> which) {
        answerLost = which;
    }

    /** What happens on the thread of a statement that is not brief before it is run. */
    public void works(Consumer<PartitionRequest> before) {
        works = before;
    }

    /** The states of the past that each partition keeps; what is seen there is of the present all the same. */
    public void retains(Function<PartitionId, Message> moments) {
        retained = moments;
    }

    /** Moments whose state is there when it is asked for, and not when it is to be shown. */
    public void forgets(Predicate<Timestamp> which) {
        forgotten = which;
    }

    /** How many transactions are open. */
    public int openBranches() {
        return branches.values().stream().mapToInt(Map::size).sum();
    }

    /** How many cursors are open. */
    public int openCursors() {
        return cursors.size();
    }

    /** Runs SQL in one partition, past the router. */
    public void runDirectly(PartitionId partition, String sql) throws SQLException {
        try (Statement statement = database(partition).owner.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows of a query in one partition, past the router, columns divided by bars. */
    public List<String> readDirectly(PartitionId partition, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = database(partition).owner.createStatement();
                java.sql.ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(String.valueOf(result.getString(i)));
                }
                rows.add(String.join("|", row));
            }
        }
        return rows;
    }

    @Override
    public void handle(PartitionRequest request, Consumer<Message> answer) {
        seen.add(request);
        if (unanswerable.test(request)) {
            answer.accept(Failure.of(ErrorCode.NOT_LEADER, node + " does not lead " + request.partition()));
            return;
        }
        if (stale.test(request)) {
            answer.accept(Failure.of(ErrorCode.STALE_SCHEMA, request.partition() + " has another version"));
            return;
        }
        if (request instanceof ExecuteInBranch execute && execute.brief()) {
            answer.accept(reply(request));
        } else {
            workers.execute(() -> {
                works.accept(request);
                answer.accept(reply(request));
            });
        }
    }

    @Override
    public void ask(NodeRequest request, Consumer<Message> answer) {
        answer.accept(
                request instanceof KillTransaction
                        ? new TransactionKilled(0, 0, false)
                        : new TransactionStatuses(node, List.of(), List.of()));
    }

    @Override
    public void describe(DescribeReplicas request, Consumer<Message> answer) {
        List<ReplicaStatuses.ReplicaStatus> replicas = new ArrayList<>();
        board.partitions()
                .forEach(state -> replicas.add(new ReplicaStatuses.ReplicaStatus(
                        state.partition(),
                        "LEADER",
                        new Term(1),
                        new LogIndex(3),
                        new LogIndex(3),
                        new LogIndex(2),
                        Timestamp.ofMillis(1),
                        board.version())));
        answer.accept(new ReplicaStatuses(node, replicas));
    }

    private Message reply(PartitionRequest request) {
        Message reply;
        try {
            reply = done(request);
        } catch (SQLException e) {
            boolean ended = e.getErrorCode() == org.h2.api.ErrorCode.DEADLOCK_1;
            reply = new Failure(
                    ErrorCode.SQL_ERROR, e.getSQLState(), e.getErrorCode(), String.valueOf(e.getMessage()), ended);
        } catch (RuntimeException e) {
            reply = Failure.of(ErrorCode.INTERNAL_ERROR, "fake partition: " + e);
        }
        return answerLost.test(request) ? Failure.of(ErrorCode.CONNECTION_BROKEN, "the answer was lost") : reply;
    }

    private Message done(PartitionRequest request) throws SQLException {
        if (request instanceof ExecuteInBranch execute) {
            return execute(execute);
        } else if (request instanceof EndBranch end) {
            return end(end);
        } else if (request instanceof PrepareBranch prepare) {
            return branch(prepare.partition(), prepare.transaction()) == null
                    ? Failure.ofTransaction(ErrorCode.TRANSACTION_ROLLED_BACK, "no such branch")
                    : new Done();
        } else if (request instanceof DecideBranch decide) {
            Message ended = end(new EndBranch(decide.partition(), decide.transaction(), decide.commit()));
            if (decide.commit() && ended instanceof Done) {
                committed.put(decide.partition() + " " + decide.transaction(), TransactionOutcome.NOT_KNOWN);
            }
            return new Done();
        } else if (request instanceof FinishTransaction) {
            return new Done();
        } else if (request instanceof AskOutcome question) {
            Message outcome = outcome(question.partition(), question.from());
            return committed.containsKey(question.partition() + " " + question.from())
                    ? new PositionedAnswer(OUTCOMES_STAND_AT, Timestamp.ZERO, outcome)
                    : outcome;
        } else if (request instanceof AskPrepared question) {
            return branch(question.partition(), question.transaction()) != null
                    ? TransactionOutcome.of(TransactionOutcome.State.PREPARED)
                    : outcome(question.partition(), question.transaction());
        } else if (request instanceof FetchFromBranch fetch) {
            FakeResult result = cursors.get(fetch.cursor());
            return result == null
                    ? Failure.of(ErrorCode.NO_SUCH_HANDLE, "no cursor " + fetch.cursor())
                    : result.page(fetch.count(), false, fetch.cursor(), cursors);
        } else if (request instanceof CloseBranchCursor close) {
            FakeResult result = cursors.remove(close.cursor());
            if (result != null) {
                result.close();
            }
            return new Done();
        } else if (request instanceof BranchSavepoint savepoint) {
            return savepoint(savepoint);
        } else if (request instanceof ReserveSequence reserve) {
            return reserve(reserve);
        } else if (request instanceof CancelBranch cancel) {
            Branch branch = branch(cancel.partition(), cancel.transaction());
            if (branch != null) {
                branch.connection.getSession().cancel();
            }
            return new Done();
        }
        return doneToPartition(request);
    }

    /** What is asked of a partition itself, not of a branch in it. */
    private Message doneToPartition(PartitionRequest request) throws SQLException {
        if (request instanceof ChangeAckRule change) {
            board.changeAckRule(change.partition(), change.rule());
            return new Done();
        } else if (request instanceof TransferLeader transfer) {
            board.lead(transfer.partition(), transfer.to());
            return new Done();
        } else if (request instanceof AwaitSchema await) {
            Database database = database(await.partition());
            return database.schemaVersion >= await.version()
                    ? new Done()
                    : Failure.of(ErrorCode.INTERNAL_ERROR, "awaits a version that is not decided");
        } else if (request instanceof FenceSchemaChange fence) {
            database(fence.partition());
            return new Done();
        }
        if (request instanceof HoldMoment hold) {
            return new PositionedAnswer(new LogIndex(3), hold.at(), new Done());
        }
        if (request instanceof AskRetained) {
            return retained.apply(request.partition());
        }
        if (request instanceof ReadUnderFence read) {
            return execute(read.query());
        }
        throw new IllegalArgumentException("unknown request " + request);
    }

    private Message execute(ExecuteInBranch request) throws SQLException {
        Database database = database(request.partition());
        if (database.schemaVersion != request.schemaVersion()) {
            return Failure.of(ErrorCode.STALE_SCHEMA, request.partition() + " has version " + database.schemaVersion);
        }
        if (request.bound().isRetained() && forgotten.test(request.bound().cut())) {
            return Failure.of(ErrorCode.STATE_NOT_RETAINED, "given up");
        }
        Branch branch = branch(request.partition(), request.transaction());
        if (branch == null) {
            if (!request.begins()) {
                return Failure.ofTransaction(ErrorCode.TRANSACTION_ROLLED_BACK, "no such branch");
            }
            branch = new Branch(database.open());
            branches.computeIfAbsent(request.transaction(), id -> new ConcurrentHashMap<>())
                    .put(request.partition(), branch);
        }
        try (Statement statement = branch.connection.createStatement()) {
            statement.execute("SET SCHEMA " + request.session().schema());
            statement.execute("SET LOCK_TIMEOUT " + request.session().lockTimeoutMillis());
        }
        boolean succeeded = false;
        try {
            Message answer = FakeStatement.run(branch.connection, request, lastCursor, cursors);
            succeeded = true;
            if (request.ends()) {
                committed.put(request.partition() + " " + request.transaction(), TransactionOutcome.countOf(answer));
            }
            return answer;
        } finally {
            if (request.ends()) {
                forget(request.partition(), request.transaction());
                if (succeeded) {
                    branch.connection.commit();
                } else {
                    branch.connection.rollback();
                }
                if (cursors.isEmpty()) {
                    branch.connection.close();
                }
            }
        }
    }

    private Message end(EndBranch end) throws SQLException {
        Branch branch = forget(end.partition(), end.transaction());
        if (branch == null) {
            return end.commit()
                    ? Failure.ofTransaction(ErrorCode.TRANSACTION_ROLLED_BACK, "no such branch")
                    : new Done();
        }
        if (end.commit()) {
            committed.put(end.partition() + " " + end.transaction(), TransactionOutcome.NOT_KNOWN);
            branch.connection.commit();
        } else {
            branch.connection.rollback();
        }
        branch.connection.close();
        return new Done();
    }

    private Message savepoint(BranchSavepoint request) throws SQLException {
        Branch branch = branch(request.partition(), request.transaction());
        if (branch == null) {
            return Failure.ofTransaction(ErrorCode.TRANSACTION_ROLLED_BACK, "no such branch");
        }
        if (request.rollback()) {
            branch.connection.rollback(branch.savepoints.get(request.savepoint()));
        } else {
            branch.savepoints.put(request.savepoint(), branch.connection.setSavepoint("S" + request.savepoint()));
        }
        return new Done();
    }

    private Message outcome(PartitionId partition, TransactionId transaction) throws SQLException {
        end(new EndBranch(partition, transaction, false));
        Long count = committed.get(partition + " " + transaction);
        return count == null
                ? TransactionOutcome.of(TransactionOutcome.State.ABORTED)
                : new TransactionOutcome(TransactionOutcome.State.COMMITTED, count);
    }

    private synchronized Message reserve(ReserveSequence request) {
        long next = sequences.getOrDefault(request.sequence(), 1L);
        sequences.put(request.sequence(), next + request.count());
        return new SequenceBlock(next, 1, request.count());
    }

    private @Nullable Branch branch(PartitionId partition, TransactionId id) {
        Map<PartitionId, Branch> open = branches.get(id);
        return open == null ? null : open.get(partition);
    }

    private @Nullable Branch forget(PartitionId partition, TransactionId id) {
        Map<PartitionId, Branch> open = branches.get(id);
        return open == null ? null : open.remove(partition);
    }

    /** The database, at the version of the schema log. */
    private synchronized Database database(PartitionId partition) throws SQLException {
        Database database = databases.get(partition);
        if (database == null) {
            database = new Database("jdbc:h2:mem:" + name + "-" + partition);
            databases.put(partition, database);
        }
        for (SchemaChange change : board.changesAfter(database.schemaVersion)) {
            try (Statement statement = database.owner.createStatement()) {
                statement.execute(change.partitionSql());
            }
            database.schemaVersion = change.version();
        }
        return database;
    }

    @Override
    public void close() throws SQLException {
        workers.shutdownNow();
        for (Database database : databases.values()) {
            try (Statement statement = database.owner.createStatement()) {
                statement.execute("SHUTDOWN IMMEDIATELY");
            }
        }
    }
}
