package org.deuterium.router.catalog;

import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.LogKind;
import org.jspecify.annotations.Nullable;

/**
 * The set of partitions that a new table needs, to be made if it is not there yet, and what its statement asks of the set if
 * it is there.
 *
 * @param ackRule what the statement says; null if it says nothing
 * @param logKind what the statement says; null if it says nothing
 */
public record WantedSet(
        PartitionSetSpec spec,
        @Nullable AckRule ackRule,
        @Nullable LogKind logKind) {}
