package org.deuterium.coordinator;

import org.deuterium.wire.NodeAddress;
import org.deuterium.wire.NodeId;

/**
 * One node that is alive.
 *
 * @param instance drawn at random when the process started, so that a node that came back is told from one that stayed
 * @param startedAtMillis when the process started, in milliseconds since 1970, for people to read
 */
public record ClusterNode(NodeId id, NodeAddress address, String instance, long startedAtMillis) {}
