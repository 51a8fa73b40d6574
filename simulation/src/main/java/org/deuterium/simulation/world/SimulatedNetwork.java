package org.deuterium.simulation.world;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.ReplicationMessage;
import org.deuterium.wire.replication.ReplicationMessages;

/**
 * Carries messages between places (nodes and controllers, by number), and drops, delays, duplicates, reorders and cuts
 * off. One message in {@value #ENCODED_ONE_IN} goes as bytes; the others as the objects they are, which never change.
 */
public final class SimulatedNetwork {

    private static final int ENCODED_ONE_IN = 32;
    private static final MessageCodec CODEC = new MessageCodec(List.of(new ReplicationMessages()));

    private final Timeline timeline;
    private final Chance chance;
    private final RunCounts counts;
    private final int places;
    private final boolean[] cut;
    private final long[] latestArrival;
    private final WireWriter writer = new WireWriter();
    private Faults faults;

    public SimulatedNetwork(Timeline timeline, Chance chance, RunCounts counts, int places, Faults faults) {
        this.timeline = timeline;
        this.chance = chance;
        this.counts = counts;
        this.places = places;
        this.cut = new boolean[places * places];
        this.latestArrival = new long[places * places];
        this.faults = faults;
    }

    public void become(Faults newFaults) {
        faults = newFaults;
    }

    /** Cuts the way in one direction only; a partition is many of these. */
    public void cut(int from, int to) {
        cut[from * places + to] = true;
    }

    public void mendAll() {
        Arrays.fill(cut, false);
    }

    public void send(int from, int to, ReplicationMessage message, Consumer<ReplicationMessage> receiver) {
        ReplicationMessage carried = chance.oneIn(ENCODED_ONE_IN) ? throughTheWire(message) : message;
        carry(from, to, () -> {
            counts.messages++;
            receiver.accept(carried);
        });
    }

    /** Carries anything, a snapshot for example, with the same faults. */
    public void carry(int from, int to, Runnable arrival) {
        int way = from * places + to;
        once(way, arrival);
        if (chance.happens(faults.duplicate())) {
            counts.count(FaultKind.MESSAGE_DUPLICATED);
            once(way, arrival);
        }
    }

    private void once(int way, Runnable arrival) {
        if (cut[way] || chance.happens(faults.drop())) {
            counts.count(FaultKind.MESSAGE_DROPPED);
            return;
        }
        int delay = 1 + chance.delay(faults.delayMillis());
        long arrives = timeline.now() + delay;
        if (arrives < latestArrival[way]) {
            counts.count(FaultKind.MESSAGE_REORDERED);
        } else {
            latestArrival[way] = arrives;
        }
        timeline.after(delay, () -> {
            if (cut[way]) {
                counts.count(FaultKind.MESSAGE_DROPPED);
            } else {
                arrival.run();
            }
        });
    }

    private ReplicationMessage throughTheWire(ReplicationMessage message) {
        writer.clear();
        MessageCodec.encodeFrame(message, 0, writer);
        byte[] frame = writer.toByteArray();
        WireReader payload = new WireReader(frame, MessageCodec.HEADER_BYTES, frame.length - MessageCodec.HEADER_BYTES);
        Message decoded = CODEC.decode(frame[4] & 0xff, payload);
        return (ReplicationMessage) decoded;
    }
}
