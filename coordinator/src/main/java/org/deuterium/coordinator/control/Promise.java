package org.deuterium.coordinator.control;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;

/**
 * A voter's answer: it has fsynced that it refuses every term before {@code term}.
 *
 * @param storageId the directory that promises; it counts only if it is the one in the partition's state
 * @param lastTerm the term of the last entry in its log
 * @param lastIndex the index of that entry
 */
public record Promise(NodeId node, StorageId storageId, Term term, Term lastTerm, LogIndex lastIndex) {}
