package org.deuterium.coordinator.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.coordinator.zookeeper.ZnodeJson.DecidedChange;
import org.deuterium.coordinator.zookeeper.ZnodeJson.SchemaHead;
import org.jspecify.annotations.Nullable;

/**
 * What this process knows of the schema log. Head and changes are different znodes, so one may be seen before the other;
 * {@link #version()} is the last version up to which everything was seen.
 */
final class SchemaPicture {

    private final List<SchemaChange> changes = new ArrayList<>();
    private final Map<Long, SchemaChange> seenEarly = new TreeMap<>();
    private @Nullable SchemaProposal proposal;
    private long headVersion;

    synchronized long version() {
        return Math.min(headVersion, changes.size());
    }

    synchronized List<SchemaChange> after(long version) {
        long last = version();
        return version >= last ? List.of() : List.copyOf(changes.subList((int) Math.max(0, version), (int) last));
    }

    synchronized @Nullable SchemaProposal proposal() {
        return proposal;
    }

    synchronized void head(SchemaHead head) {
        headVersion = head.version();
        proposal = head.proposal();
    }

    synchronized void add(DecidedChange decided) {
        seenEarly.put(decided.change().version(), decided.change());
        SchemaChange next = seenEarly.remove(changes.size() + 1L);
        while (next != null) {
            changes.add(next);
            next = seenEarly.remove(changes.size() + 1L);
        }
    }
}
