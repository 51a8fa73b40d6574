package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.router.plan.ShowPlan;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.partition.ReplicaStatuses;
import org.deuterium.wire.partition.ReplicaStatuses.ReplicaStatus;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.ColumnDescription;
import org.deuterium.wire.statement.Failure;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueBoolean;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** Answers the SHOW statements about the cluster from the board and from the nodes themselves. Blocks. */
final class ClusterReport {

    private final PartitionLeaders leaders;

    ClusterReport(PartitionLeaders leaders) {
        this.leaders = leaders;
    }

    /** The rows, with the columns that the plan's shape names. */
    RowSource rows(ShowPlan plan) {
        List<Map<String, Value>> found =
                switch (plan.subject()) {
                    case PARTITIONS -> partitions(plan);
                    case REPLICAS -> replicas(plan);
                    case NODES -> nodes();
                    case TRANSACTIONS -> new TransactionReport(leaders).rows();
                    case SESSION_TOKEN -> throw new IllegalArgumentException("a token is the session's own");
                };
        List<Value[]> rows = new ArrayList<>(found.size());
        List<ColumnDescription> columns = plan.shape().columns();
        for (Map<String, Value> row : found) {
            Value[] values = new Value[columns.size()];
            for (int i = 0; i < values.length; i++) {
                String label = columns.get(i).label();
                Value value = row.get(label);
                if (value == null) {
                    throw new IllegalStateException("nothing is known of column " + label + " of SHOW " + plan.subject()
                            + ", only of " + new TreeSet<>(row.keySet()));
                }
                values[i] = value;
            }
            rows.add(values);
        }
        return new ListedRows(rows);
    }

    private List<Map<String, Value>> partitions(ShowPlan plan) {
        List<Map<String, Value>> rows = new ArrayList<>();
        for (PartitionState state : chosen(plan)) {
            ReplicaGroup group = state.group();
            Map<String, Value> row = new HashMap<>();
            putPlace(row, state.partition());
            row.put("LEADER", text(group.leader()));
            row.put("TERM", ValueBigint.get(group.term().number()));
            row.put(
                    "REPLICAS",
                    ValueVarchar.get(names(group.replicas().stream()
                            .map(ReplicaGroup.Voter::node)
                            .toList())));
            row.put("IN_SYNC", ValueVarchar.get(names(group.inSync())));
            putRules(row, group);
            rows.add(row);
        }
        return rows;
    }

    /** The ack rule in force, and what the leader was told to log. */
    private void putRules(Map<String, Value> row, ReplicaGroup group) {
        PartitionSet set = leaders.view().partitionMap().setOf(group.partition());
        row.put("ACK_RULE", ValueVarchar.get(group.ackRule().toString()));
        row.put(
                "LOG_KIND",
                set == null
                        ? ValueNull.INSTANCE
                        : ValueVarchar.get(set.logKind().name()));
    }

    private void putPlace(Map<String, Value> row, PartitionId partition) {
        PartitionSet set = leaders.view().partitionMap().setOf(partition);
        row.put("PARTITION_ID", ValueBigint.get(partition.number()));
        row.put("PARTITION_SET", set == null ? ValueNull.INSTANCE : ValueVarchar.get(set.name()));
        Value first = ValueNull.INSTANCE;
        Value last = ValueNull.INSTANCE;
        if (set != null) {
            int ordinal = set.partitions().indexOf(partition);
            first = ValueBigint.get(set.firstSlot(ordinal));
            last = ValueBigint.get(set.firstSlot(ordinal + 1) - 1);
        }
        row.put("FIRST_SLOT", first);
        row.put("LAST_SLOT", last);
    }

    private List<PartitionState> chosen(ShowPlan plan) {
        ClusterView view = leaders.view();
        PartitionSet only =
                plan.partitionSet().isEmpty() ? null : view.partitionMap().set(plan.partitionSet());
        return view.partitions().stream()
                .filter(state -> plan.partitionSet().isEmpty()
                        || (only != null && only.partitions().contains(state.partition())))
                .sorted(Comparator.comparing(PartitionState::partition))
                .toList();
    }

    private List<Map<String, Value>> replicas(ShowPlan plan) {
        Map<NodeId, Message> statuses = NodeAnswers.of(leaders.view().knownNodes(), leaders::describe);
        List<Map<String, Value>> rows = new ArrayList<>();
        for (PartitionState state : chosen(plan)) {
            ReplicaGroup group = state.group();
            NodeId leader = group.leader();
            ReplicaStatus leading = leader == null ? null : status(statuses.get(leader), state.partition());
            for (ReplicaGroup.Voter voter : group.replicas()) {
                Map<String, Value> row = new HashMap<>();
                putPlace(row, state.partition());
                row.put("NODE", ValueVarchar.get(voter.node().name()));
                row.put("IN_SYNC", ValueBoolean.get(group.inSync().contains(voter.node())));
                row.put("LEADER", text(leader));
                putRules(row, group);
                putStatus(row, status(statuses.get(voter.node()), state.partition()), leading);
                if (leader != null
                        && !group.inSync().contains(voter.node())
                        && ValueVarchar.get("FOLLOWER").equals(row.get("ROLE"))) {
                    row.put("ROLE", ValueVarchar.get("CATCHING UP")); // how far it is behind stands in LAG
                }
                if (statuses.get(voter.node()) instanceof Failure failure) {
                    row.put("ROLE", ValueVarchar.get("UNREACHABLE: " + failure.message()));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static void putStatus(
            Map<String, Value> row, @Nullable ReplicaStatus status, @Nullable ReplicaStatus leading) {
        if (status == null) {
            for (String label :
                    List.of("TERM", "LAST_INDEX", "COMMIT_INDEX", "APPLIED_INDEX", "LAG", "LAG_MS", "SCHEMA_VERSION")) {
                row.put(label, ValueNull.INSTANCE);
            }
            row.put("ROLE", ValueVarchar.get("ABSENT"));
            return;
        }
        row.put("ROLE", ValueVarchar.get(status.role()));
        row.put("TERM", ValueBigint.get(status.term().number()));
        row.put("LAST_INDEX", ValueBigint.get(status.lastIndex().position()));
        row.put("COMMIT_INDEX", ValueBigint.get(status.commitIndex().position()));
        row.put("APPLIED_INDEX", ValueBigint.get(status.appliedIndex().position()));
        row.put("SCHEMA_VERSION", ValueBigint.get(status.schemaVersion()));
        // Two nodes are asked at different moments, so a follower may seem to be ahead.
        row.put("LAG", leading == null ? ValueNull.INSTANCE : ValueBigint.get(Math.max(0, lag(leading, status))));
        row.put("LAG_MS", leading == null ? ValueNull.INSTANCE : ValueBigint.get(lagMillis(leading, status)));
    }

    /** How many entries the leader shows and this replica does not. */
    private static long lag(ReplicaStatus leading, ReplicaStatus status) {
        return leading.appliedIndex().position() - status.appliedIndex().position();
    }

    /** How much older the last entry it shows is than the leader's. */
    private static long lagMillis(ReplicaStatus leading, ReplicaStatus status) {
        long millis =
                leading.appliedTimestamp().millis() - status.appliedTimestamp().millis();
        return lag(leading, status) <= 0 ? 0 : Math.max(0, millis);
    }

    private static @Nullable ReplicaStatus status(@Nullable Message answer, PartitionId partition) {
        if (answer instanceof ReplicaStatuses statuses) {
            for (ReplicaStatus status : statuses.replicas()) {
                if (status.partition().equals(partition)) {
                    return status;
                }
            }
        }
        return null;
    }

    private List<Map<String, Value>> nodes() {
        ClusterView view = leaders.view();
        List<Map<String, Value>> rows = new ArrayList<>();
        TreeSet<NodeId> all = new TreeSet<>(view.knownNodes());
        all.addAll(view.nodes().keySet());
        for (NodeId id : all) {
            ClusterNode node = view.node(id);
            Map<String, Value> row = new HashMap<>();
            row.put("NODE", ValueVarchar.get(id.name()));
            row.put(
                    "ADDRESS",
                    node == null
                            ? ValueNull.INSTANCE
                            : ValueVarchar.get(node.address().toString()));
            row.put("ALIVE", ValueBoolean.get(node != null));
            row.put("CONTROLLER", ValueBoolean.get(id.equals(view.controller())));
            row.put("LEADS", count(view, state -> id.equals(state.leader())));
            row.put("REPLICAS", count(view, state -> state.group().hasReplica(id)));
            rows.add(row);
        }
        return rows;
    }

    private static Value count(ClusterView view, java.util.function.Predicate<PartitionState> which) {
        return ValueBigint.get((int) view.partitions().stream().filter(which).count());
    }

    private static Value text(@Nullable NodeId node) {
        return node == null ? ValueNull.INSTANCE : ValueVarchar.get(node.name());
    }

    private static String names(List<NodeId> nodes) {
        List<String> names = new ArrayList<>();
        for (NodeId node : nodes) {
            names.add(node.name());
        }
        return String.join(", ", names);
    }
}
