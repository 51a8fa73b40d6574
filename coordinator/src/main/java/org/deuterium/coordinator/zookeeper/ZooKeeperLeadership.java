package org.deuterium.coordinator.zookeeper;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.Op;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.Leadership;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.coordinator.zookeeper.ZnodeJson.SchemaHead;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;

/**
 * One controller's term. Each of its writes also checks, in the same step, that the controller's znode still has the
 * version its election gave it: a controller that slept through its own end changes nothing.
 */
final class ZooKeeperLeadership implements Leadership {

    private final ZnodePaths paths;
    private final Znodes znodes;
    private final ZooKeeperClusterView view;
    private final NodeId controller;
    private final Term term;
    private final int controllerVersion;

    ZooKeeperLeadership(
            ZnodePaths paths,
            Znodes znodes,
            ZooKeeperClusterView view,
            NodeId controller,
            Term term,
            int controllerVersion) {
        this.paths = paths;
        this.znodes = znodes;
        this.view = view;
        this.controller = controller;
        this.term = term;
        this.controllerVersion = controllerVersion;
    }

    @Override
    public NodeId controller() {
        return controller;
    }

    @Override
    public Term term() {
        return term;
    }

    private CompletableFuture<ChangeResult> fenced(List<Op> changes) {
        List<Op> all = new ArrayList<>();
        all.add(Op.check(paths.controller(), controllerVersion));
        all.addAll(changes);
        return znodes.change(all);
    }

    @Override
    public CompletableFuture<ChangeResult> create(PartitionState state) {
        return fenced(List.of(
                Znodes.create(paths.partition(state.partition()), ZnodeJson.empty()),
                Znodes.create(paths.storages(state.partition()), ZnodeJson.empty()),
                Znodes.create(paths.state(state.partition()), ZnodeJson.partition(state))));
    }

    @Override
    public CompletableFuture<ChangeResult> compareAndSet(PartitionState changed) {
        return fenced(List.of(view.writeOf(changed)));
    }

    /** The place is free for another process; if this controller was deposed meanwhile, nothing changes. */
    CompletableFuture<ChangeResult> giveUp() {
        return fenced(List.of(Op.delete(paths.controllerAlive(), -1)));
    }

    @Override
    public CompletableFuture<ChangeResult> drop(SchemaProposal proposal) {
        return znodes.readLatest(paths.schemaHead())
                .thenCompose(znode -> {
                    if (znode == null) {
                        return CompletableFuture.completedFuture(ChangeResult.LOST);
                    }
                    SchemaHead head = ZnodeJson.readSchemaHead(znode.data());
                    SchemaProposal open = head.proposal();
                    if (open == null || !open.id().equals(proposal.id())) {
                        return CompletableFuture.completedFuture(ChangeResult.LOST);
                    }
                    byte[] without = ZnodeJson.schemaHead(new SchemaHead(head.version(), null));
                    return fenced(List.of(Op.setData(paths.schemaHead(), without, znode.version())));
                })
                .exceptionally(problem -> ChangeResult.UNKNOWN);
    }

    @Override
    public String toString() {
        return "controller " + controller + " of " + term;
    }
}
