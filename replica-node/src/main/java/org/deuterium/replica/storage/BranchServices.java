package org.deuterium.replica.storage;

import org.deuterium.replica.locks.TableLocks;

/** What every branch of one storage shares. */
record BranchServices(
        QuiescedDatabase database,
        SessionPool sessions,
        HeldCursors cursors,
        RowPages pages,
        SequenceBlocks sequences,
        TableLocks locks,
        RetainedStates retained) {}
