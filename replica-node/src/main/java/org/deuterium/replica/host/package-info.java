/** Hosts the replicas of a node: one loop that owns the pure cores and the log, appliers, checkpoints and snapshots. */
@NullMarked
package org.deuterium.replica.host;

import org.jspecify.annotations.NullMarked;
