package org.deuterium.simulation.invariant;

import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.NodeId;

/** What only an observer of the whole cluster can see: everybody's disk. */
public interface Disks {

    SimulatedDisk diskOf(NodeId node);
}
