package org.deuterium.replica.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.deuterium.replica.storage.H2Storage;
import org.deuterium.replica.storage.PreparedTransaction;
import org.deuterium.replica.storage.StorageSettings;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Message;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.TransactionId;
import org.deuterium.wire.partition.PositionedAnswer;
import org.deuterium.wire.partition.SessionContext;
import org.deuterium.wire.replication.EntryKind;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.statement.Failure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A router is told once what became of a PREPARE. */
class BranchPrepareTest {

    private static final TransactionId ID = new TransactionId(7, 256);
    private static final Timestamp AT = Timestamp.ofMillis(5);

    @TempDir
    Path directory;

    private final OpenBranches branches = new OpenBranches(new LockWaiters(), Runnable::run);
    private final List<Message> answers = new ArrayList<>();

    private BranchPrepare prepare(H2Storage storage) {
        OpenBranch branch =
                new OpenBranch(storage.openBranch(ID, new SessionContext("PUBLIC", "UTC", 100)), new Term(1));
        branches.add(branch);
        branch.becomeEnding();
        PreparedTransaction prepared =
                new PreparedTransaction(ID, List.of(new PartitionId(1), new PartitionId(2)), new byte[0]);
        return new BranchPrepare(branches, branch, prepared, Timestamp.ZERO, answers::add, new PartitionId(1));
    }

    /** The replica is stopped or removed while a cut holds the entry back. */
    @Test
    void whatWasPromisedInACutIsNotAnsweredAgain() throws Exception {
        try (H2Storage storage = H2Storage.open(directory, StorageSettings.DEFAULT)) {
            BranchPrepare prepare = prepare(storage);
            prepare.heldByCut(
                    new LogEntry(new Term(1), new LogIndex(9), AT, ID, EntryKind.PREPARE, new byte[0]),
                    Timestamp.ofMillis(4));
            prepare.outcomeUnknown();
            assertEquals(1, answers.size(), answers::toString);
            assertInstanceOf(PositionedAnswer.class, answers.get(0));
            assertNull(branches.get(ID), "its locks are free");
        }
    }

    @Test
    void whatWasNotPromisedIsUnknown() throws Exception {
        try (H2Storage storage = H2Storage.open(directory, StorageSettings.DEFAULT)) {
            prepare(storage).outcomeUnknown();
            assertEquals(1, answers.size(), answers::toString);
            assertEquals(ErrorCode.OUTCOME_UNKNOWN, ((Failure) answers.get(0)).error());
        }
    }
}
