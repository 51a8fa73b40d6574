package org.deuterium.coordinator.zookeeper;

import java.util.List;
import java.util.UUID;
import org.apache.zookeeper.Op;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.SchemaChange;
import org.deuterium.coordinator.SchemaLog;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.coordinator.zookeeper.ZnodeJson.SchemaHead;
import org.deuterium.coordinator.zookeeper.Znodes.Znode;
import org.jspecify.annotations.Nullable;

/**
 * The schema log as a head znode (last version, open proposal) and one znode for each decided change. A decision changes
 * both in one step; a proposal carries a random id, so that after a broken connection its fate can be read back.
 */
final class ZooKeeperSchemaLog implements SchemaLog {

    /** ZooKeeper refuses znodes of 1 MB; the frame around a change needs a little. */
    static final int MAX_CHANGE_BYTES = 900 << 10;

    private static final String ADVICE = "change the schema";

    private final ZnodePaths paths;
    private final Znodes znodes;
    private final ZooKeeperClusterView view;
    private final ZooKeeperMembership membership;

    ZooKeeperSchemaLog(ZnodePaths paths, Znodes znodes, ZooKeeperClusterView view, ZooKeeperMembership membership) {
        this.paths = paths;
        this.znodes = znodes;
        this.view = view;
        this.membership = membership;
    }

    @Override
    public long version() {
        return view.schema().version();
    }

    @Override
    public List<SchemaChange> changesAfter(long version) {
        return view.schema().after(version);
    }

    @Override
    public @Nullable SchemaProposal proposal() {
        return view.schema().proposal();
    }

    /** What the head znode holds now, and its version. */
    private record HeadRead(SchemaHead head, int znodeVersion) {}

    private HeadRead readHead() throws Exception {
        Znode znode = znodes.await(() -> znodes.readLatest(paths.schemaHead()));
        if (znode == null) {
            throw new CoordinatorException("znode " + paths.schemaHead() + " is gone; the schema log is damaged");
        }
        return new HeadRead(ZnodeJson.readSchemaHead(znode.data()), znode.version());
    }

    private static boolean isOpen(SchemaHead head, SchemaProposal proposal) {
        SchemaProposal open = head.proposal();
        return open != null && open.id().equals(proposal.id());
    }

    private Op writeHead(SchemaHead head, int znodeVersion) {
        return Op.setData(paths.schemaHead(), ZnodeJson.schemaHead(head), znodeVersion);
    }

    @Override
    public @Nullable SchemaProposal propose(long expectedVersion, String sql, String partitionSql, String placement) {
        ClusterNode self = membership.self();
        if (self == null) {
            throw new IllegalStateException("a schema change before this node registered");
        }
        SchemaChange change = new SchemaChange(expectedVersion + 1, sql, partitionSql, placement);
        SchemaProposal mine = new SchemaProposal(UUID.randomUUID().toString(), change, self.id(), self.instance());
        int size = ZnodeJson.schemaHead(new SchemaHead(expectedVersion, mine)).length;
        if (size > MAX_CHANGE_BYTES) {
            throw new CoordinatorException("a schema change of " + size + " bytes; at most " + MAX_CHANGE_BYTES
                    + " bytes fit, write it as several smaller ones");
        }
        SchemaProposal open = znodes.blocking(ADVICE, () -> {
            HeadRead read = readHead();
            SchemaProposal present = read.head.proposal();
            if (present != null) {
                return present;
            }
            if (read.head.version() != expectedVersion) {
                return new SchemaProposal("", change, self.id(), "");
            }
            Op write = writeHead(new SchemaHead(expectedVersion, mine), read.znodeVersion);
            return znodes.await(() -> znodes.change(List.of(write))) == ChangeResult.DONE ? mine : null;
        });
        return open.id().equals(mine.id()) ? open : null;
    }

    @Override
    public boolean decide(SchemaProposal proposal) {
        long version = proposal.change().version();
        boolean decided = znodes.blocking(ADVICE, () -> {
            HeadRead read = readHead();
            if (!isOpen(read.head, proposal)) {
                return wasDecided(proposal);
            }
            List<Op> decision = List.of(
                    writeHead(new SchemaHead(version, null), read.znodeVersion),
                    Znodes.create(paths.schemaChange(version), ZnodeJson.decidedChange(proposal)));
            return znodes.await(() -> znodes.change(decision)) == ChangeResult.DONE ? true : null;
        });
        if (decided) {
            znodes.blocking("see schema version " + version, () -> version() >= version ? true : null);
        }
        return decided;
    }

    private boolean wasDecided(SchemaProposal proposal) throws Exception {
        String path = paths.schemaChange(proposal.change().version());
        Znode znode = znodes.await(() -> znodes.readLatest(path));
        return znode != null
                && ZnodeJson.readDecidedChange(znode.data()).proposalId().equals(proposal.id());
    }

    @Override
    public void drop(SchemaProposal proposal) {
        znodes.blocking(ADVICE, () -> {
            HeadRead read = readHead();
            if (!isOpen(read.head, proposal)) {
                return true;
            }
            Op write = writeHead(new SchemaHead(read.head.version(), null), read.znodeVersion);
            return znodes.await(() -> znodes.change(List.of(write))) == ChangeResult.DONE ? true : null;
        });
    }
}
