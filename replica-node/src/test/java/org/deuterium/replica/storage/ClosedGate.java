package org.deuterium.replica.storage;

/** A checkpoint that takes its time: nobody changes the database before it is closed. */
public final class ClosedGate implements AutoCloseable {

    private final CheckpointGate gate;
    private final long alone;

    public ClosedGate(H2Storage storage) {
        this.gate = storage.gate();
        this.alone = gate.close();
    }

    @Override
    public void close() {
        gate.open(alone);
    }
}
