package org.deuterium.router.execute;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deuterium.router.plan.KillPlan;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.DescribeTransactions;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.TransactionKilled;
import org.deuterium.wire.partition.TransactionStatuses;
import org.deuterium.wire.partition.TransactionStatuses.BranchStatus;
import org.deuterium.wire.partition.TransactionStatuses.ClientTransaction;
import org.deuterium.wire.partition.TransactionStatuses.LockWait;
import org.deuterium.wire.statement.Failure;
import org.deuterium.wire.statement.UpdateCounts;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueNull;
import org.h2.value.ValueVarchar;
import org.jspecify.annotations.Nullable;

/** All transactions of the cluster, joined from what its leaders and routers tell; and the end of one of them. Blocks. */
final class TransactionReport {

    private final PartitionLeaders leaders;

    TransactionReport(PartitionLeaders leaders) {
        this.leaders = leaders;
    }

    /** What is known of one transaction. */
    private static final class Found {
        private final List<BranchStatus> branches = new ArrayList<>();
        private @Nullable ClientTransaction client;
        private @Nullable NodeId router;

        /** A statement of the catalog, or one that just ended, is not worth a line. */
        boolean isWorthShowing() {
            return !branches.isEmpty() || (client != null && !client.ofStatement());
        }

        boolean anyIn(String state) {
            return branches.stream().anyMatch(branch -> branch.state().equals(state));
        }

        /** The transaction as a whole. */
        String state() {
            if (anyIn("PREPARED") || anyIn("ENDING")) {
                return "COMMITTING";
            }
            if (anyIn("WAITING")) {
                return "WAITING";
            }
            return anyIn("RUNNING") || (client != null && client.state().equals("RUNNING")) ? "RUNNING" : "IDLE";
        }

        long ageMillis() {
            if (client != null) {
                return client.ageMillis();
            }
            long opened = branches.stream()
                    .mapToLong(BranchStatus::openedAtMicros)
                    .min()
                    .orElse(Long.MAX_VALUE);
            return Math.max(0, System.currentTimeMillis() - opened / 1_000);
        }

        String partitions() {
            List<String> texts = new ArrayList<>();
            for (BranchStatus branch : branches) {
                texts.add(branch.partition().number() + ": " + branch.state());
            }
            return String.join(", ", texts);
        }

        String blockedBy() {
            List<String> texts = new ArrayList<>();
            for (BranchStatus branch : branches) {
                LockWait wait = branch.lockWait();
                if (wait != null) {
                    String holder = wait.holder().equals(TransactionId.NONE)
                            ? "a schema change"
                            : wait.holder().toString();
                    texts.add(holder + " in partition " + branch.partition().number() + " for " + wait.sinceMillis()
                            + " ms");
                }
            }
            return String.join(", ", texts);
        }

        String statement() {
            if (client != null && !client.statement().isEmpty()) {
                return client.statement();
            }
            return branches.isEmpty() ? "" : branches.get(branches.size() - 1).statement();
        }
    }

    /** One row for each transaction, and one for each node that did not answer. */
    List<Map<String, Value>> rows() {
        Map<NodeId, Message> answers = ask(new DescribeTransactions(false));
        List<Map<String, Value>> rows = new ArrayList<>();
        join(answers).forEach((id, found) -> {
            if (found.isWorthShowing()) {
                rows.add(row(id, found));
            }
        });
        answers.forEach((node, answer) -> {
            if (answer instanceof Failure failure) {
                Map<String, Value> row = row(null, new Found());
                row.put("ROUTER", ValueVarchar.get(node.name()));
                row.put("STATE", ValueVarchar.get("UNREACHABLE: " + failure.message()));
                row.put("AGE_MS", ValueNull.INSTANCE);
                rows.add(row);
            }
        });
        return rows;
    }

    private static Map<TransactionId, Found> join(Map<NodeId, Message> answers) {
        Map<TransactionId, Found> all = new LinkedHashMap<>();
        for (Message answer : new TreeMap<>(answers).values()) {
            if (answer instanceof TransactionStatuses statuses) {
                for (BranchStatus branch : statuses.branches()) {
                    all.computeIfAbsent(branch.transaction(), id -> new Found())
                            .branches
                            .add(branch);
                }
                for (ClientTransaction client : statuses.clients()) {
                    Found found = all.computeIfAbsent(client.transaction(), id -> new Found());
                    found.client = client;
                    found.router = statuses.node();
                }
            }
        }
        return all;
    }

    private static Map<String, Value> row(@Nullable TransactionId id, Found found) {
        Map<String, Value> row = new HashMap<>();
        ClientTransaction client = found.client;
        row.put("TRANSACTION_ID", id == null ? ValueNull.INSTANCE : ValueVarchar.get(id.toString()));
        row.put("STATE", ValueVarchar.get(found.state()));
        row.put("AGE_MS", ValueBigint.get(found.ageMillis()));
        row.put("ISOLATION", client == null ? ValueNull.INSTANCE : ValueVarchar.get(client.isolation()));
        row.put("ROUTER", found.router == null ? ValueNull.INSTANCE : ValueVarchar.get(found.router.name()));
        row.put("CLIENT", client == null ? ValueNull.INSTANCE : ValueVarchar.get(client.client()));
        row.put("USER_NAME", client == null ? ValueNull.INSTANCE : ValueVarchar.get(client.user()));
        row.put("PARTITIONS", ValueVarchar.get(found.partitions()));
        row.put("BLOCKED_BY", textOrNull(found.blockedBy()));
        row.put("STATEMENT", textOrNull(found.statement()));
        row.put("STATEMENT_MS", client == null ? ValueNull.INSTANCE : ValueBigint.get(client.statementMillis()));
        return row;
    }

    private static Value textOrNull(String text) {
        return text.isEmpty() ? ValueNull.INSTANCE : ValueVarchar.get(text);
    }

    private Map<NodeId, Message> ask(org.deuterium.wire.partition.NodeRequest request) {
        return NodeAnswers.of(leaders.view().nodes().keySet(), (node, answer) -> leaders.ask(node, request, answer));
    }

    /**
     * KILL TRANSACTION, answered when all nodes have done their part.
     *
     * @throws StatementFailedException if there is no such transaction, or it is being committed
     */
    Message kill(KillPlan plan) {
        TransactionId id = plan.transaction();
        Found found = join(ask(new DescribeTransactions(false))).get(id);
        if (found == null) {
            throw new StatementFailedException(
                    ErrorCode.INVALID_VALUE,
                    "There is no transaction " + id + " (any more); SHOW TRANSACTIONS lists those that are open");
        }
        if (found.state().equals("COMMITTING")) {
            throw new StatementFailedException(committing(id));
        }
        String reason = "Transaction " + id + " was rolled back by KILL TRANSACTION";
        int ended = 0;
        int past = 0;
        for (Message answer : ask(new KillTransaction(id, ErrorCode.TRANSACTION_KILLED, reason))
                .values()) {
            if (answer instanceof TransactionKilled killed) {
                ended += killed.ended() + (killed.session() ? 1 : 0);
                past += killed.committing();
            }
        }
        if (ended == 0 && past > 0) {
            throw new StatementFailedException(committing(id));
        }
        return UpdateCounts.of(0);
    }

    private static Failure committing(TransactionId id) {
        return Failure.of(
                ErrorCode.TRANSACTION_COMMITTING,
                "Transaction " + id
                        + " is prepared or on its way into the log: only its log ends it now, in moments, or"
                        + " as soon as its partitions have leaders; see SHOW PARTITIONS");
    }
}
