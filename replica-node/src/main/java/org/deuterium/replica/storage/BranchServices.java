package org.deuterium.replica.storage;

/** What every branch of one storage shares. */
record BranchServices(
        QuiescedDatabase database,
        SessionPool sessions,
        HeldCursors cursors,
        RowPages pages,
        SequenceBlocks sequences) {}
