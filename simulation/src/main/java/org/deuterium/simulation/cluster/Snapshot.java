package org.deuterium.simulation.cluster;

import org.deuterium.simulation.world.Content;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.Term;
import org.deuterium.wire.Timestamp;

/** A copy of a leader's H2, with the place in the log it stands for. */
record Snapshot(Term leaderTerm, Content content, LogIndex index, Term termOfIndex, Timestamp lastTimestamp) {}
