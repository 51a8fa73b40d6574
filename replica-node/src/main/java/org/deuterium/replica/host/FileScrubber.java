package org.deuterium.replica.host;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.deuterium.replica.storage.H2Storage;

/**
 * Reads the databases of the node over and over, a little at a time, so that what a disk has lost is found while the
 * peers still have it, and not only when somebody asks for that row. Belongs to the checkpointer's thread.
 */
final class FileScrubber {

    private static final int BLOCK_BYTES = 4096;

    private final int blocksALook;
    private final BiConsumer<PartitionHost, RuntimeException> whenDamaged;
    private final Map<H2Storage, Integer> next = new HashMap<>();
    private int turn;

    FileScrubber(long bytesPerSecond, long lookMillis, BiConsumer<PartitionHost, RuntimeException> whenDamaged) {
        this.blocksALook = (int) Math.max(1, bytesPerSecond * lookMillis / 1000 / BLOCK_BYTES);
        this.whenDamaged = whenDamaged;
    }

    /** Goes on with one of the databases, the next one next time. */
    void look(List<PartitionHost> hosts) {
        next.keySet().retainAll(hosts.stream().map(PartitionHost::storage).toList());
        if (hosts.isEmpty()) {
            return;
        }
        PartitionHost host = hosts.get(Math.floorMod(turn++, hosts.size()));
        H2Storage storage = host.storage();
        try {
            next.put(storage, storage.verify(next.getOrDefault(storage, 0), blocksALook));
        } catch (RuntimeException e) {
            whenDamaged.accept(host, e);
        }
    }
}
