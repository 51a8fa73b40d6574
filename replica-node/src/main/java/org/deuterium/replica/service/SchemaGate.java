package org.deuterium.replica.service;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.deuterium.replica.host.MonotonicClock;
import org.deuterium.replica.host.PartitionHost;
import org.deuterium.replica.host.SchemaChangePayload;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.Message;
import org.deuterium.wire.Term;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.statement.Done;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets client work into a partition, or holds it back while the schema changes. It follows the schema log: when the
 * log has decided a version that this partition lacks, new branches are held, open ones are waited for, and the change
 * is proposed as the next entry; when it is applied, work goes on.
 */
final class SchemaGate {

    private static final Logger LOG = LoggerFactory.getLogger(SchemaGate.class);

    /** A fence whose proposal is not on the board for so long falls: its proposer is gone, or changed its mind. */
    private static final long FENCE_GRACE_MILLIS = 3_000;

    /** How long a change waits for open transactions, while new ones are held back; {@code -Ddeuterium.schema.fenceMillis}. */
    private static final long FENCE_WAIT_MILLIS = Long.getLong("deuterium.schema.fenceMillis", 10_000);

    private static final long AWAIT_MILLIS = 30_000;

    /** How long work is held back before its router hears that it waits: it may ask again, or tell its client. */
    static final long HELD_MILLIS = 5_000;

    private static final int FAILURES_REMEMBERED = 64;

    private final PartitionHost host;
    private final OpenBranches branches;
    private final SchemaSource source;
    private final Executor background;

    private final Object lock = new Object();
    private final List<Held> held = new ArrayList<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private final TreeMap<Long, Failure> failures = new TreeMap<>();
    private volatile boolean holding;
    private long fencedVersion;
    private long fenceSeenMillis;
    private long fencesPutUp;
    private final ChangeUnderWay following = new ChangeUnderWay();

    /** Work that is to begin when the gate opens, and who hears if it does not in time. */
    private record Held(Runnable work, long deadlineMillis, Consumer<Message> answer) {}

    /** Somebody who waits for a version. */
    private record Waiter(long version, long deadlineMillis, Consumer<Message> answer) {}

    SchemaGate(PartitionHost host, OpenBranches branches, SchemaSource source, Executor background) {
        this.host = host;
        this.branches = branches;
        this.source = source;
        this.background = background;
    }

    /** True while no new branch may begin; asked again after the branch is among the open ones. */
    boolean isHolding() {
        return holding;
    }

    /**
     * Runs the work later if the gate holds; false if it does not (any more).
     *
     * @param answer hears NOT_READY, instead of the work being run, if the gate holds for too long
     */
    boolean hold(Runnable work, Consumer<Message> answer) {
        synchronized (lock) {
            if (holding) {
                held.add(new Held(work, MonotonicClock.millis() + HELD_MILLIS, answer));
            }
            return holding;
        }
    }

    /** True while new work is held back because this version is proposed. */
    boolean isFencedFor(long version) {
        synchronized (lock) {
            return holding && fencedVersion == version;
        }
    }

    /** Blocks while transactions are open, up to {@link #FENCE_WAIT_MILLIS}. */
    void fence(long version, String sql, Consumer<Message> answer) {
        long current = host.storage().schemaVersion();
        if (current >= version) {
            answer.accept(new Done());
            return;
        }
        if (current + 1 != version) {
            answer.accept(Failure.of(
                    ErrorCode.STALE_SCHEMA,
                    host.partition() + " is at schema version " + current + "; version " + version
                            + " can be prepared when it has come to " + (version - 1)));
            return;
        }
        @Nullable Term term = host.servingTerm();
        long number;
        synchronized (lock) {
            number = putUp(version);
        }
        if (host.storage().schemaVersion() >= version) {
            takeDown(number, version); // it was applied between the two looks, and nobody else would let the fence fall
            answer.accept(new Done());
            return;
        }
        if (!branches.awaitEmpty(FENCE_WAIT_MILLIS)) {
            takeDown(number, version);
            answer.accept(Failure.of(
                    ErrorCode.LOCK_TIMEOUT,
                    "Timeout: " + branches.size() + " transactions are open in partition " + host.partition()
                            + " after " + FENCE_WAIT_MILLIS
                            + " ms; the schema can change when they have ended"));
            return;
        }
        @Nullable Failure refusal = host.storage().validateSchemaChange(sql);
        if (refusal != null) {
            takeDown(number, version);
            answer.accept(refusal);
            return;
        }
        answer.accept(stillFenced(version, term) ? new Done() : notFencedAnyMore(version));
    }

    /** Under the lock. */
    private long putUp(long version) {
        fencedVersion = version;
        fenceSeenMillis = MonotonicClock.millis();
        holding = true;
        return ++fencesPutUp;
    }

    /**
     * Before this replica serves as the leader: a proposal that is open may be decided any moment, on the word of the leader
     * before that its data bears it, so nothing may be written until it is decided or gone. It had let nothing in either.
     */
    void takeUpFence() {
        long next = host.storage().schemaVersion() + 1;
        synchronized (lock) {
            if (source.isProposed(next) || source.decidedVersion() >= next) {
                putUp(next);
            }
        }
    }

    /** Not if the router has asked for the same version once more since: that fence is another's. */
    private void takeDown(long number, long version) {
        synchronized (lock) {
            if (number != fencesPutUp) {
                return;
            }
        }
        release(version);
    }

    private boolean stillFenced(long version, @Nullable Term since) {
        synchronized (lock) {
            return holding && fencedVersion == version && since != null && since.equals(host.servingTerm());
        }
    }

    private Failure notFencedAnyMore(long version) {
        return Failure.of(
                ErrorCode.NOT_READY,
                host.partition() + " could not hold its work back long enough to look at its data for schema version "
                        + version + "; try the change again");
    }

    /** Answers when the version is applied. */
    void await(long version, Consumer<Message> answer) {
        synchronized (lock) {
            if (host.storage().schemaVersion() < version) {
                waiters.add(new Waiter(version, MonotonicClock.millis() + AWAIT_MILLIS, answer));
                return;
            }
        }
        answer.accept(outcomeOf(version));
    }

    private Message outcomeOf(long version) {
        synchronized (lock) {
            Failure failure = failures.get(version);
            return failure == null ? new Done() : failure;
        }
    }

    /** Applied here, at this leader or as a follower. */
    void applied(long version, @Nullable Failure failure) {
        List<Waiter> ready = new ArrayList<>();
        synchronized (lock) {
            following.endAny();
            if (failure != null) {
                LOG.error("{}: schema version {} failed: {}", host.partition(), version, failure.message());
                failures.put(version, failure);
                if (failures.size() > FAILURES_REMEMBERED) {
                    failures.pollFirstEntry();
                }
            }
            for (Iterator<Waiter> it = waiters.iterator(); it.hasNext(); ) {
                Waiter waiter = it.next();
                if (waiter.version <= version) {
                    it.remove();
                    ready.add(waiter);
                }
            }
        }
        if (source.decidedVersion() <= version) {
            release(version);
        } else {
            follow();
        }
        ready.forEach(waiter -> waiter.answer.accept(outcomeOf(waiter.version)));
    }

    /** The entry of this term did not get into the log. */
    void notProposed(Term term) {
        synchronized (lock) {
            following.end(term);
        }
    }

    /** Proposes what the schema log has and this partition lacks, if this replica serves and is not about it already. */
    void follow() {
        Term term = host.servingTerm();
        if (term == null || source.decidedVersion() <= host.storage().schemaVersion()) {
            return;
        }
        synchronized (lock) {
            if (!following.begin(term)) {
                return;
            }
            holding = true;
        }
        background.execute(() -> propose(term));
    }

    private void propose(Term term) {
        if (!branches.awaitEmpty(SessionContext.DEFAULT_LOCK_TIMEOUT_MILLIS)) {
            branches.doom(
                    Failure.ofTransaction(
                            ErrorCode.TRANSACTION_ROLLED_BACK,
                            "The transaction was rolled back because the schema changed; run it again"),
                    transaction -> true);
            branches.awaitEmpty("schema change in " + host.partition());
        }
        List<SchemaChangePayload> missing = source.changesAfter(host.storage().schemaVersion());
        if (missing.isEmpty() || !term.equals(host.servingTerm())) {
            notProposed(term);
            release(host.storage().schemaVersion());
            return;
        }
        host.propose(new SchemaChangeEntry(term, this, missing.get(0)));
    }

    /** Lets work go on, unless a later version is fenced or on its way. */
    private void release(long version) {
        List<Held> goOn;
        synchronized (lock) {
            if (following.isUnderWay() || fencedVersion > version) {
                return;
            }
            fencedVersion = 0;
            holding = false;
            goOn = List.copyOf(held);
            held.clear();
        }
        goOn.forEach(waited -> background.execute(waited.work));
    }

    /** Lets a fence fall that nothing came of, or that stands behind its time, and follows what was decided. */
    void onTick(long nowMillis) {
        follow();
        boolean abandoned = false;
        boolean passed;
        long fenced;
        List<Waiter> expired = new ArrayList<>();
        List<Held> tooLate = new ArrayList<>();
        synchronized (lock) {
            held.removeIf(waiting -> waiting.deadlineMillis <= nowMillis && tooLate.add(waiting));
            fenced = fencedVersion;
            if (fenced > 0 && !following.isUnderWay() && source.decidedVersion() < fenced) {
                if (source.isProposed(fenced)) {
                    fenceSeenMillis = nowMillis;
                } else {
                    abandoned = nowMillis - fenceSeenMillis > FENCE_GRACE_MILLIS;
                }
            }
            passed = fenced > 0 && host.storage().schemaVersion() >= fenced;
            for (Iterator<Waiter> it = waiters.iterator(); it.hasNext(); ) {
                Waiter waiter = it.next();
                if (waiter.deadlineMillis <= nowMillis) {
                    it.remove();
                    expired.add(waiter);
                }
            }
        }
        if (abandoned || passed) {
            if (abandoned) {
                LOG.info("{}: nothing came of schema version {}; work goes on", host.partition(), fenced);
            }
            release(fenced);
        }
        tooLate.forEach(waiting -> waiting.answer.accept(Failure.of(
                ErrorCode.NOT_READY,
                host.partition() + " holds new work back for more than " + HELD_MILLIS
                        + " ms because schema version " + Math.max(fenced, source.decidedVersion())
                        + " is on its way; nothing was done, try again")));
        expired.forEach(waiter -> waiter.answer.accept(Failure.of(
                ErrorCode.NOT_READY,
                host.partition() + " has not come to schema version " + waiter.version + " in " + AWAIT_MILLIS
                        + " ms; it goes on trying")));
    }

    /** A proposal was dropped: a fence for it falls at once. */
    void proposalChanged() {
        long fenced;
        synchronized (lock) {
            fenced = fencedVersion;
            if (fenced == 0
                    || following.isUnderWay()
                    || source.isProposed(fenced)
                    || source.decidedVersion() >= fenced
                    || MonotonicClock.millis() - fenceSeenMillis < FENCE_GRACE_MILLIS / 3) {
                return;
            }
        }
        release(fenced);
    }

    /** No longer the leader: whoever waits here is sent on. */
    void stepDown(Failure reason) {
        List<Waiter> sentOn;
        synchronized (lock) {
            following.endAny();
            sentOn = List.copyOf(waiters);
            waiters.clear();
        }
        release(Long.MAX_VALUE);
        sentOn.forEach(waiter -> waiter.answer.accept(reason));
    }
}
