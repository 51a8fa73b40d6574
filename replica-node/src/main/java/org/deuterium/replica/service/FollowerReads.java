package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.host.ShownPosition;
import org.deuterium.replica.storage.Branch;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.ExecuteInBranch;
import org.deuterium.wire.partition.ReadBound;
import org.deuterium.wire.statement.Failure;

/**
 * Reads of clients at one replica that follows. A read whose {@link ReadBound} is met runs at once, a brief one on the
 * calling thread; another one waits, without a thread, until the applier or the leader's answer makes the replica good
 * enough, or its time is over and the router asks the leader. A read is one H2 statement ({@link FollowerRead}), which
 * sees one state between two commits of the applier.
 */
final class FollowerReads {

    private final PartitionHost host;
    private final LeaderPositionSource leader;
    private final ServiceThreads threads;
    private final QueuedStatements queued;
    private final FollowerFreshness freshness;
    private final ConcurrentHashMap<TransactionId, Branch> running = new ConcurrentHashMap<>();
    private final List<WaitingRead> waiting = new ArrayList<>();
    private volatile boolean anybodyWaits;

    /** Nobody looks here again: no read may wait. Guarded by {@link #waiting}. */
    private boolean removed;

    /** A read that this replica is not good enough for yet. */
    private record WaitingRead(
            ExecuteInBranch request, Consumer<Message> answer, long arrivedNanos, long deadlineNanos) {}

    FollowerReads(PartitionHost host, LeaderPositionSource leader, ServiceThreads threads, QueuedStatements queued) {
        this.host = host;
        this.leader = leader;
        this.threads = threads;
        this.queued = queued;
        this.freshness = new FollowerFreshness(host, leader, this::lookAgain);
        host.shown().whenReached(this::reached);
    }

    void execute(ExecuteInBranch asked, Consumer<Message> answer) {
        ExecuteInBranch request = asked;
        if (asked.bound().isStrong()) {
            LogIndex atLeast = host.strongReadsShow();
            if (atLeast == null) {
                answer.accept(noTail());
                return;
            }
            request = asked.at(asked.bound().showing(atLeast));
        }
        executeBounded(request, answer);
    }

    private void executeBounded(ExecuteInBranch request, Consumer<Message> answer) {
        ReadBound bound = request.bound();
        long now = needsClock(bound) ? System.nanoTime() : 0;
        if (!isMet(bound, now, now)) {
            await(request, answer, now == 0 ? System.nanoTime() : now);
        } else if (request.brief() && !bound.isAtCut()) {
            read(request, answer);
        } else {
            later(request, answer);
        }
    }

    private void later(ExecuteInBranch request, Consumer<Message> answer) {
        if (request.brief()) {
            threads.workers().execute(() -> read(request, answer));
        } else {
            queued.execute(
                    request.transaction(), () -> read(request, answer), () -> answer.accept(Refusals.canceled()));
        }
    }

    private static boolean needsClock(ReadBound bound) {
        return isCausal(bound) || bound.current() || bound.maxStalenessMillis() > 0;
    }

    /** A cut comes after all that the session has seen or done, and shows everything up to it. */
    private static boolean isCausal(ReadBound bound) {
        return bound.causal() && !bound.isAtCut();
    }

    private boolean isMet(ReadBound bound, long arrivedNanos, long nowNanos) {
        ShownPosition shown = host.shown();
        if (shown.isHidden()) {
            return false;
        }
        if (!bound.isAtCut() && bound.least().isAfter(shown.leastIndex())) {
            return false;
        }
        if (bound.current() && !freshness.isFreshAt(arrivedNanos)) {
            return false;
        }
        if (isCausal(bound)
                && bound.dependsOn().compareTo(shown.leastTimestamp()) > 0
                && !freshness.isFreshAt(arrivedNanos)) {
            return false;
        }
        return bound.maxStalenessMillis() == 0 || isFreshEnough(bound.maxStalenessMillis(), nowNanos);
    }

    /** Asks again at half the bound's age, so that a stream of reads need not wait for the answers. */
    private boolean isFreshEnough(int maxStalenessMillis, long nowNanos) {
        long boundNanos = TimeUnit.MILLISECONDS.toNanos(maxStalenessMillis);
        if (!freshness.isFreshAt(nowNanos - boundNanos)) {
            return false;
        }
        if (!freshness.isFreshAt(nowNanos - boundNanos / 2)) {
            freshness.ask();
        }
        return true;
    }

    private void await(ExecuteInBranch request, Consumer<Message> answer, long arrivedNanos) {
        long deadline =
                arrivedNanos + TimeUnit.MILLISECONDS.toNanos(request.bound().waitMillis());
        boolean kept;
        synchronized (waiting) {
            kept = !removed && waiting.add(new WaitingRead(request, answer, arrivedNanos, deadline));
            anybodyWaits |= kept;
        }
        if (!kept) {
            answer.accept(FollowerRead.behind(host, request.bound()));
            return;
        }
        if (needsClock(request.bound())) {
            freshness.ask();
        }
        lookAgain(); // what it waits for may have come meanwhile
    }

    /** Applier: more of the log can be seen. */
    private void reached() {
        if (freshness.reached() || anybodyWaits) {
            lookAgain();
        }
    }

    /** Takes up those whose bound is met now, and sends those to the leader whose time is over. */
    private void lookAgain() {
        if (!anybodyWaits) {
            return;
        }
        long now = System.nanoTime();
        List<WaitingRead> ready = new ArrayList<>();
        List<WaitingRead> late = new ArrayList<>();
        boolean clockWaits = false;
        synchronized (waiting) {
            for (WaitingRead read : waiting) {
                if (isMet(read.request.bound(), read.arrivedNanos, now)) {
                    ready.add(read);
                } else if (now - read.deadlineNanos >= 0) {
                    late.add(read);
                } else {
                    clockWaits |= needsClock(read.request.bound());
                }
            }
            waiting.removeAll(ready);
            waiting.removeAll(late);
            anybodyWaits = !waiting.isEmpty();
        }
        ready.forEach(read -> later(read.request, read.answer));
        late.forEach(read ->
                threads.workers().execute(() -> read.answer.accept(FollowerRead.behind(host, read.request.bound()))));
        if (clockWaits) {
            freshness.ask(); // a question from before a read arrived says nothing to it
        }
    }

    void onTick() {
        freshness.reached();
        lookAgain();
    }

    /** The replica goes from this node: who waits here would wait for ever, and the leader can answer. */
    void remove() {
        List<WaitingRead> all;
        synchronized (waiting) {
            removed = true;
            all = List.copyOf(waiting);
            waiting.clear();
            anybodyWaits = false;
        }
        all.forEach(read -> read.answer.accept(FollowerRead.behind(host, read.request.bound())));
    }

    /** Stops a read; it then answers STATEMENT_CANCELED. */
    void cancel(TransactionId transaction) {
        running.computeIfPresent(transaction, (id, branch) -> {
            branch.cancel();
            return branch;
        });
        List<WaitingRead> canceled = new ArrayList<>();
        synchronized (waiting) {
            waiting.removeIf(read -> {
                boolean meant = read.request.transaction().equals(transaction);
                if (meant) {
                    canceled.add(read);
                }
                return meant;
            });
            anybodyWaits = !waiting.isEmpty();
        }
        canceled.forEach(read -> read.answer.accept(
                Failure.of(ErrorCode.STATEMENT_CANCELED, "The statement was canceled while it waited at a follower")));
    }

    private void read(ExecuteInBranch request, Consumer<Message> answer) {
        H2Storage storage = host.storage();
        if (request.schemaVersion() != storage.schemaVersion()) {
            answer.accept(FollowerRead.staleSchema(request, storage));
        } else {
            new FollowerRead(host, leader, threads.of(request), running, storage, request, answer).run();
        }
    }

    private Failure noTail() {
        return Failure.of(
                ErrorCode.REPLICA_BEHIND,
                "The replica of " + host.partition()
                        + " here is not the tail of a chain, or holds no lease as such; its leader can answer");
    }
}
