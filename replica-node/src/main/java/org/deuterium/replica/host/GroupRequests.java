package org.deuterium.replica.host;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** What was asked of a partition's leader and changes its group. Belongs to the node loop, but for the methods that say otherwise. */
public final class GroupRequests {

    private final PartitionHost host;
    private final PartitionReplica core;
    private final ReplicaBoard board;
    private final NodeLoop loop;
    private final LeaderStanding standing;
    private final List<GroupRequest> requests = new ArrayList<>(0);

    GroupRequests(PartitionHost host, PartitionReplica core, HostServices services, LeaderStanding standing) {
        this.host = host;
        this.core = core;
        this.board = services.board();
        this.loop = services.loop();
        this.standing = standing;
    }

    /**
     * Any thread: brings another ack rule into force, if this replica leads. {@code whenDone} is called on the node loop, once:
     * with null when the rule was read back from the board, else with why not.
     */
    public void changeAckRule(AckRule rule, long timeoutMillis, Consumer<@Nullable Failure> whenDone) {
        loop.submit(now -> begin(new AckRuleWish(rule, now + timeoutMillis, whenDone), now));
    }

    /**
     * Any thread: hands the lead to another replica, once that has everything; from now on nobody is served here. Open
     * transactions should have ended before. {@code whenDone} is called on the node loop, once: with null when the target
     * was elected, else with the reason why not (then this replica may serve again).
     */
    public void transferLeader(NodeId target, long timeoutMillis, Consumer<@Nullable Failure> whenDone) {
        loop.submit(now -> begin(new LeaderTransfer(target, now + timeoutMillis, standing, board, whenDone), now));
    }

    /** Any thread: says on the node loop why the lead cannot be handed to this node now; null if that can be begun. */
    public void refusalOfTransfer(NodeId target, Consumer<@Nullable Failure> answer) {
        loop.submit(now -> answer.accept(LeaderTransfer.refusal(core, target, board)));
    }

    private void begin(GroupRequest request, long nowMillis) {
        if (host.isClosed() || host.isDeaf()) {
            request.abandon();
        } else if (request.begin(core, host::perform, nowMillis)) {
            requests.add(request);
        }
    }

    void onTick(long nowMillis) {
        requests.removeIf(request -> request.isOver(core, host::perform, nowMillis));
    }

    /** The replica is closed. */
    void abandon() {
        requests.forEach(GroupRequest::abandon);
        requests.clear();
    }
}
