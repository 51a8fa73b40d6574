package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.DescribeTransactions;
import org.deuterium.wire.partition.KillTransaction;
import org.deuterium.wire.partition.TransactionStatuses;
import org.deuterium.wire.partition.TransactionStatuses.BranchStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds transactions that wait for each other in a circle through several partitions, and rolls the youngest of them
 * back. Every node does it for the waits in the partitions it leads, and only while one of them lasts: it asks the other
 * nodes for theirs, joins the graphs, and looks again after a moment. If a circle still stands, it asks everybody when the
 * transactions in it began, and ends the youngest, if that one waits here. So each circle is broken by the nodes where its
 * youngest waits, and no node is special.
 */
final class DeadlockSearch {

    private static final Logger LOG = LoggerFactory.getLogger(DeadlockSearch.class);

    /** Between two looks every waiter tries its lock at least once. */
    private static final long PAUSE_MILLIS = 200;

    /** Who has not told its waits by then is left out: a circle is one also if only its own nodes know it. */
    private static final long ANSWER_MILLIS = 300;

    private final TransactionDesk desk;

    /** Ticker only. */
    private @Nullable Look last;

    private long nextAtMillis;

    /** One picture of the waits of the cluster, while the nodes tell theirs. */
    private static final class Look {
        private final long deadlineMillis;
        private final List<BranchStatus> own;
        private final List<BranchStatus> all;
        private final List<List<WaitGraph.Edge>> circles;
        private int missing;
        private @Nullable WaitGraph graph;

        /** @param circles what was found to stand, if this look is to find out who of them is the youngest */
        Look(List<BranchStatus> own, List<List<WaitGraph.Edge>> circles, int others, long deadlineMillis) {
            this.own = own;
            this.circles = circles;
            this.all = new ArrayList<>(own);
            this.missing = others;
            this.deadlineMillis = deadlineMillis;
        }

        synchronized void heard(Message answer) {
            missing--;
            if (answer instanceof TransactionStatuses statuses) {
                all.addAll(statuses.branches());
            }
        }

        synchronized boolean isComplete(long nowMillis) {
            return missing == 0 || nowMillis >= deadlineMillis;
        }

        /** When each transaction opened its first branch, by the clock of the node where it did. */
        synchronized Map<TransactionId, Long> beginnings() {
            Map<TransactionId, Long> begun = new HashMap<>();
            for (BranchStatus branch : all) {
                begun.merge(branch.transaction(), branch.openedAtMicros(), Math::min);
            }
            return begun;
        }

        synchronized WaitGraph graph() {
            WaitGraph made = graph;
            if (made == null) {
                graph = made = new WaitGraph(all);
            }
            return made;
        }
    }

    /** The look under way, which becomes the last one. */
    private @Nullable Look current;

    DeadlockSearch(TransactionDesk desk) {
        this.desk = desk;
    }

    /** @param anybodyWaits false if no statement waits for a lock in any partition led here */
    void onTick(long nowMillis, boolean anybodyWaits) {
        Look look = current;
        if (look != null) {
            if (look.isComplete(nowMillis)) {
                current = look.circles.isEmpty() ? compare(look, nowMillis) : null;
                look.circles.forEach(circle -> judge(circle, look));
                last = look.circles.isEmpty() ? look : null;
                nextAtMillis = nowMillis + PAUSE_MILLIS;
            }
        } else if (nowMillis >= nextAtMillis && anybodyWaits) {
            current = begin(nowMillis);
        }
    }

    private @Nullable Look begin(long nowMillis) {
        List<BranchStatus> own = desk.branches(true);
        if (own.isEmpty()) {
            last = null;
            return null;
        }
        boolean elsewhere = leadsElsewhere(new WaitGraph(own));
        return ask(own, elsewhere, new DescribeTransactions(true), List.of(), nowMillis);
    }

    private Look ask(
            List<BranchStatus> own,
            boolean others,
            DescribeTransactions question,
            List<List<WaitGraph.Edge>> circles,
            long nowMillis) {
        OwnRouter router = others ? desk.router() : null;
        List<NodeId> nodes = router == null ? List.of() : router.otherNodes();
        Look look = new Look(own, circles, nodes.size(), nowMillis + ANSWER_MILLIS);
        if (router != null) {
            for (NodeId node : nodes) {
                router.ask(node, question, look::heard);
            }
        }
        return look;
    }

    /** True if somebody who holds a lock here has nothing to do here: perhaps it waits at another node. */
    private boolean leadsElsewhere(WaitGraph own) {
        for (TransactionId holder : own.ends()) {
            if (desk.isIdle(holder)) {
                return true;
            }
        }
        return false;
    }

    /** If a circle stands, the look that is to find its youngest. */
    private @Nullable Look compare(Look look, long nowMillis) {
        Look before = last;
        if (before == null) {
            return null;
        }
        WaitGraph standing = look.graph().confirming(before.graph());
        List<List<WaitGraph.Edge>> circles = new ArrayList<>();
        for (BranchStatus branch : look.own) {
            List<WaitGraph.Edge> circle = standing.circle(branch.transaction());
            if (!circle.isEmpty()) {
                circles.add(circle);
            }
        }
        return circles.isEmpty()
                ? null
                : ask(desk.branches(false), true, new DescribeTransactions(false), circles, nowMillis);
    }

    private void judge(List<WaitGraph.Edge> circle, Look look) {
        TransactionId youngest = WaitGraph.youngest(circle, look.beginnings());
        for (BranchStatus branch : look.own) {
            if (branch.transaction().equals(youngest) && branch.lockWait() != null) {
                end(youngest, circle);
                return;
            }
        }
    }

    private void end(TransactionId victim, List<WaitGraph.Edge> circle) {
        List<String> waits = new ArrayList<>();
        for (WaitGraph.Edge edge : circle) {
            waits.add(edge.waiter() + " waits in partition " + edge.partition().number() + " for "
                    + edge.lockWait().holder());
        }
        String reason = "Deadlock: transaction " + victim + " was rolled back as the youngest of " + circle.size()
                + " that waited for each other (" + String.join(", ", waits) + "); run it again";
        LOG.info("{}", reason);
        KillTransaction kill = new KillTransaction(victim, ErrorCode.TRANSACTION_ROLLED_BACK, reason);
        desk.kill(kill);
        OwnRouter router = desk.router();
        if (router != null) {
            // Its statement may wait in other partitions too.
            for (NodeId node : router.otherNodes()) {
                router.ask(node, kill, ignored -> {});
            }
        }
    }
}
