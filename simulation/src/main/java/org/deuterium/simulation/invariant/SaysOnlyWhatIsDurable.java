package org.deuterium.simulation.invariant;

import org.deuterium.simulation.world.SimulatedDisk;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.ReplicationMessage;

/**
 * A promise or an acknowledgement leaves a node only when a crash can no longer take it back. An acknowledgement of an
 * earlier term is like one that was long on its way: a later leader may have had its entries discarded since.
 */
public final class SaysOnlyWhatIsDurable {

    void check(NodeId from, Term promised, SimulatedDisk disk, ReplicationMessage message) {
        boolean durable = true;
        if (message instanceof Promise promise) {
            durable = !disk.durablePromise().isBefore(promise.term());
        } else if (message instanceof AppendAnswer answer) {
            durable = !disk.durablePromise().isBefore(answer.term())
                    && (!answer.accepted()
                            || answer.term().isBefore(promised)
                            || disk.durableIndex() >= answer.index().position());
        }
        if (!durable) {
            throw new InvariantBroken(
                    getClass(),
                    from + " says " + message + ", but its disk holds the promise of " + disk.durablePromise()
                            + " and entries up to i" + disk.durableIndex());
        }
    }
}
