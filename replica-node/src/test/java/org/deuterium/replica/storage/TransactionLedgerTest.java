package org.deuterium.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.statement.TransactionOutcome;
import org.deuterium.wire.statement.TransactionOutcome.State;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the log says of transactions; everything is asked before and after a store, which must not matter. */
class TransactionLedgerTest {

    private static final long ORIGIN = -77;
    private static final Timestamp COMMIT = new Timestamp(5L << 16);

    private final MVStore store = MVStore.open(null);
    private TransactionLedger ledger = new TransactionLedger(store, 3);
    private long lastIndex;

    @AfterEach
    void close() {
        store.close();
    }

    private LogIndex next() {
        return new LogIndex(++lastIndex);
    }

    private static TransactionId id(long session, int request) {
        return TransactionId.of(ORIGIN, session, request, 0);
    }

    private State outcome(TransactionId from, TransactionId through) {
        State before = ledger.outcome(from, through).state();
        reopen();
        assertEquals(before, ledger.outcome(from, through).state());
        return before;
    }

    private State outcome(TransactionId id) {
        return outcome(id, id);
    }

    private void reopen() {
        ledger.store();
        ledger = new TransactionLedger(store, 3);
    }

    @Test
    void theLatestOutcomeOfASessionIsKnown() {
        ledger.committed(id(1, 5), next(), 12);
        assertEquals(new TransactionOutcome(State.COMMITTED, 12), ledger.outcome(id(1, 5), id(1, 5)));
        assertEquals(State.COMMITTED, outcome(id(1, 5)));
        assertEquals(State.COMMITTED, outcome(id(1, 3), id(1, 3).lastOfSession()), "the session's last one");
        assertEquals(State.ABORTED, outcome(id(1, 6)), "nothing is known of it");
        assertEquals(State.FORGOTTEN, outcome(id(1, 4)), "the session has gone on: never no");
        assertEquals(State.ABORTED, outcome(id(2, 5)));
    }

    @Test
    void anAbortedTransactionIsRefusedAndWhatWasCommittedBeforeItStays() {
        ledger.committed(id(1, 5), next(), 1);
        ledger.aborted(id(1, 6), next());
        assertTrue(ledger.isRefused(id(1, 6)));
        assertTrue(ledger.isRefused(id(1, 2)));
        assertFalse(ledger.isRefused(id(1, 7)));
        assertEquals(State.COMMITTED, outcome(id(1, 5)));
        assertEquals(State.ABORTED, outcome(id(1, 6)));
        assertTrue(ledger.isRefused(id(1, 6)), "also from the store");
        ledger.aborted(id(1, 5).lastOfSession(), next());
        assertTrue(ledger.isRefused(id(1, 99)));
        assertFalse(ledger.isRefused(id(2, 1)));
    }

    @Test
    void whatIsForgottenIsNeverSaidToBeAborted() {
        for (int session = 1; session <= 4; session++) {
            ledger.committed(id(session, 1), next(), 1);
        }
        assertEquals(State.FORGOTTEN, outcome(id(1, 1)), "three sessions are kept");
        assertEquals(State.FORGOTTEN, outcome(id(1, 2)));
        assertEquals(State.COMMITTED, outcome(id(2, 1)));
        assertEquals(State.ABORTED, outcome(id(5, 1)));
        ledger.committed(id(2, 2), next(), 1); // now 3 is the one that was silent for longest
        ledger.committed(id(5, 1), next(), 1);
        assertEquals(State.COMMITTED, outcome(id(2, 2)));
        assertEquals(State.FORGOTTEN, outcome(id(3, 1)));
    }

    @Test
    void aPreparedTransactionIsKeptUntilItsDecisionAndACommitUntilItIsFinished() {
        List<PartitionId> both = List.of(new PartitionId(1), new PartitionId(2));
        TransactionId commits = id(1, 1);
        TransactionId aborts = id(2, 1);
        ledger.prepared(new PreparedTransaction(commits, both, new byte[] {1, 2, 3}).at(new Timestamp(3L << 16)));
        ledger.prepared(new PreparedTransaction(aborts, both, new byte[0]));
        assertEquals(State.PREPARED, outcome(commits));
        assertEquals(State.PREPARED, outcome(id(1, 0), commits.lastOfSession()));
        assertEquals(2, ledger.allPrepared().size());
        assertEquals(new Timestamp(3L << 16), ledger.outcome(commits, commits).timestamp());
        assertEquals(
                3,
                ledger.decided(commits, true, COMMIT, next()).writeSet().length,
                "the write set came through the store");
        assertNull(ledger.decided(commits, true, COMMIT, next()), "decided once");
        ledger.decided(aborts, false, Timestamp.ZERO, next());
        assertEquals(State.COMMITTED, outcome(commits));
        assertEquals(State.ABORTED, outcome(aborts));
        ledger.committed(id(1, 2), next(), 1);
        assertEquals(State.COMMITTED, outcome(commits), "a participant may still ask, whatever the session did then");
        assertEquals(
                new CommittedTransaction(both, COMMIT), ledger.allUnfinished().get(commits));
        assertEquals(COMMIT, ledger.outcome(commits, commits).timestamp());
        assertEquals(COMMIT, ledger.outcome(id(1, 0), commits.lastOfSession()).timestamp(), "it is not finished");
        ledger.finished(List.of(commits, aborts));
        reopen();
        assertTrue(ledger.allUnfinished().isEmpty());
        assertTrue(ledger.allPrepared().isEmpty());
        assertEquals(State.FORGOTTEN, outcome(commits));
    }
}
