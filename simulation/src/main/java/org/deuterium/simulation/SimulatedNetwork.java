package org.deuterium.simulation;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageCodec;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.deuterium.wire.replication.ReplicationMessage;
import org.deuterium.wire.replication.ReplicationMessages;

/** Carries messages as bytes, and drops, delays, duplicates, reorders and cuts off. */
final class SimulatedNetwork {

    private static final MessageCodec CODEC = new MessageCodec(List.of(new ReplicationMessages()));

    private final Timeline timeline;
    private final Set<String> cut = new TreeSet<>();
    private final WireWriter writer = new WireWriter();
    private Faults faults;

    SimulatedNetwork(Timeline timeline, Faults faults) {
        this.timeline = timeline;
        this.faults = faults;
    }

    void become(Faults newFaults) {
        faults = newFaults;
    }

    /** Cuts the way in one direction only; a partition is many of these. */
    void cut(NodeId from, NodeId to) {
        cut.add(from + ">" + to);
    }

    void mendAll() {
        cut.clear();
    }

    void send(NodeId from, NodeId to, ReplicationMessage message, Consumer<ReplicationMessage> receiver) {
        writer.clear();
        MessageCodec.encodeFrame(message, 0, writer);
        byte[] frame = writer.toByteArray();
        carry(from, to, () -> receiver.accept(read(frame)));
    }

    /** Carries something else than a message between replicas (a snapshot) with the same faults. */
    void carry(NodeId from, NodeId to, Runnable arrival) {
        String way = from + ">" + to;
        int copies = timeline.chance(faults.duplicate()) ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            if (!cut.contains(way) && !timeline.chance(faults.drop())) {
                timeline.after(1 + timeline.delay(faults.delayMillis()), () -> {
                    if (!cut.contains(way)) {
                        arrival.run();
                    }
                });
            }
        }
    }

    private static ReplicationMessage read(byte[] frame) {
        WireReader payload = new WireReader(frame, MessageCodec.HEADER_BYTES, frame.length - MessageCodec.HEADER_BYTES);
        Message message = CODEC.decode(frame[4] & 0xff, payload);
        return (ReplicationMessage) message;
    }
}
