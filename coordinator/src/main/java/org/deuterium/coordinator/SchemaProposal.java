package org.deuterium.coordinator;

import org.deuterium.wire.NodeId;

/**
 * A schema change that is proposed and neither decided nor dropped.
 *
 * @param id drawn at random, so that a proposer recognises its own
 * @param proposer the node whose router proposed it; when it is gone, the controller drops the proposal
 * @param proposerInstance the process that proposed it
 */
public record SchemaProposal(String id, SchemaChange change, NodeId proposer, String proposerInstance) {}
