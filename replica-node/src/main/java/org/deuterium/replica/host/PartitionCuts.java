package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.Proposal;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.statement.Done;
import org.jspecify.annotations.Nullable;

/**
 * The moments that one replica is asked to show (docs/transactions.md, "the cut"): as the leader, or as a follower that asks
 * the leader to close them. Any thread, but for the methods that say otherwise.
 */
public final class PartitionCuts {

    private final PartitionHost host;
    private final NodeLoop loop;
    private final LeaderStanding standing;
    private final CutHolds holds;
    private final OwnEntries own;
    private final ApplierFeed feed;

    /** Loop only: the lead is about to be handed over, so no moment is closed any more. */
    private boolean settled;

    /** Loop only: what waits until the clocks of all nodes have passed what is closed, since nothing can be logged. */
    private final List<Runnable> whenOver = new ArrayList<>(0);

    PartitionCuts(
            PartitionHost host,
            NodeLoop loop,
            LeaderStanding standing,
            CutHolds holds,
            OwnEntries own,
            ApplierFeed feed) {
        this.host = host;
        this.loop = loop;
        this.standing = standing;
        this.holds = holds;
        this.own = own;
        this.feed = feed;
    }

    /** Loop. */
    private @Nullable PartitionReplica servingCore() {
        return standing.serving() == null || settled ? null : host.core();
    }

    /** Lets H2 show exactly what is committed up to {@code at}, for a moment; if this replica leads. */
    public void atLeader(Timestamp at, CutListener listener) {
        loop.submit(now -> {
            holds.add(at, servingCore(), own, now, listener);
            feed.applier().lookAtCuts();
        });
    }

    /**
     * The same if this replica follows. Somebody has to ask the leader to close the moment, and to tell {@link #closed}.
     *
     * @param holdMillis how long later entries may be kept from being shown for it
     */
    public void atFollower(Timestamp at, long holdMillis, CutListener listener) {
        loop.submit(now -> addAtFollower(at, now + Math.min(holdMillis, CutHolds.HOLD_MILLIS), listener));
    }

    /**
     * The same for a moment that the log here may come to much later, in {@code waitMillis}. That an entry after the moment
     * comes says it, too; the leader has to be asked only where none does.
     */
    public void whenFollowerComesTo(Timestamp at, long waitMillis, CutListener listener) {
        loop.submit(now -> addAtFollower(at, now + waitMillis, listener));
    }

    private void addAtFollower(Timestamp at, long untilMillis, CutListener listener) {
        if (host.core().isLeader() || host.isClosed()) {
            holds.refuse(listener);
        } else {
            holds.addAtFollower(at, untilMillis, listener);
            feed.applier().lookAtCuts();
        }
    }

    /**
     * Closes a moment, if this replica leads, and shows nothing of after it until {@link #atLeader} asks for it, or {@link
     * #letGo} is called, or too much time has passed.
     *
     * @param answer told a PositionedAnswer around Done, or why not; on the node loop, which it must not block
     */
    public void hold(Timestamp at, Consumer<Message> answer) {
        loop.submit(now -> {
            PartitionReplica core = servingCore();
            tell(holds.hold(at, core, own, now), core, answer);
        });
    }

    /** What was held is not asked for. */
    public void letGo(Timestamp at) {
        loop.submit(now -> {
            if (holds.letGo(at)) {
                feed.applier().wake();
            }
        });
    }

    private static void tell(@Nullable Message refusal, @Nullable PartitionReplica core, Consumer<Message> answer) {
        if (refusal != null) {
            answer.accept(refusal);
        } else if (core != null) { // else it was refused
            answer.accept(new PositionedAnswer(core.lastIndex(), core.lastTimestamp(), new Done()));
        }
    }

    /**
     * Closes a moment, if this replica leads: every entry after the answer's position has a later timestamp, whoever leads.
     *
     * @param answer told a PositionedAnswer around Done, or why not; on the node loop, which it must not block
     */
    public void close(Timestamp at, Consumer<Message> answer) {
        loop.submit(now -> {
            PartitionReplica core = servingCore();
            tell(holds.close(at, core, own, now), core, answer);
        });
    }

    /** The leader has closed a moment: every entry after {@code last} is later. */
    public void closed(Timestamp at, LogIndex last) {
        loop.submit(now -> {
            holds.closed(at, last);
            feed.applier().lookAtCuts();
        });
    }

    /**
     * Before the lead is handed over: from now on no moment is closed here, and {@code then} is called, on the node loop,
     * when the next leader is kept from timestamps up to those that are.
     */
    public void settle(Runnable then) {
        loop.submit(now -> {
            settled = true;
            Effects lastWord = lastWord(now);
            host.perform(lastWord);
            if (lastWord.refusal() == null) {
                then.run();
            } else {
                whenOver.add(then);
            }
        });
    }

    /**
     * Loop, before a lease is given up early: an entry that changes nothing and is later than every moment closed here. Whoever
     * the lead is handed to has it, and goes on after it; else its clock might be behind such a moment.
     */
    Effects lastWord(long nowMillis) {
        PartitionReplica core = host.core();
        if (host.isClosed() || !core.isLeader() || holds.closed().compareTo(core.lastTimestamp()) <= 0) {
            return Effects.NONE;
        }
        Proposal nothing = new Proposal(TransactionId.NONE, EntryKind.FINISH, FinishPayload.encode(List.of()));
        return core.onProposals(List.of(nothing.after(holds.closed())), nowMillis, 0);
    }

    /** The lead was not handed over. */
    public void unsettle() {
        loop.submit(now -> settled = false);
    }

    /** Loop: the replica's part has changed. */
    void cancel() {
        settled = false;
        holds.cancel();
        runThoseThatWait();
    }

    /** Loop: gives up those that nobody should wait for any longer. */
    void onTick(long nowMillis) {
        if (holds.any() && holds.expire(nowMillis)) {
            feed.applier().wake();
        }
        if (!whenOver.isEmpty() && System.currentTimeMillis() > holds.closed().millis() + HybridClock.MAX_SKEW_MILLIS) {
            runThoseThatWait();
        }
    }

    private void runThoseThatWait() {
        List<Runnable> waiting = List.copyOf(whenOver);
        whenOver.clear();
        waiting.forEach(Runnable::run);
    }
}
