package org.deuterium.coordinator.control;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.deuterium.coordinator.ChangeResult;
import org.deuterium.coordinator.ClusterListener;
import org.deuterium.coordinator.ClusterNode;
import org.deuterium.coordinator.ClusterView;
import org.deuterium.coordinator.Coordinator;
import org.deuterium.coordinator.CoordinatorException;
import org.deuterium.coordinator.LeaderElection;
import org.deuterium.coordinator.Leadership;
import org.deuterium.coordinator.PartitionMap;
import org.deuterium.coordinator.PartitionSet;
import org.deuterium.coordinator.PartitionState;
import org.deuterium.coordinator.SchemaProposal;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.StorageId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.SilentLeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Present on every node, acting on the elected one: it compares what the board shows with what should be there, and
 * starts what is missing. It keeps nothing that the board does not show, so that the next controller goes on from there.
 *
 * <p>One thread; every change of the view and every result of its own writes makes it look again.
 */
public final class Controller implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);

    /** Also looked at without an event, for backoffs and for what a broken connection swallowed. */
    private static final long LOOK_MILLIS = 100;

    private final Coordinator coordinator;
    private final ClusterView view;
    private final PromiseCollector promises;
    private final ControllerSettings settings;
    private final ScheduledThreadPoolExecutor thread;
    private final Map<PartitionId, ControlledPartition> partitions = new HashMap<>();
    private final LeaderBalance balance;
    private final LostNodes lost;
    private final LeaderSpread spread;
    private final SilenceReports silence = new SilenceReports();
    private @Nullable Leadership leadership;
    private @Nullable VoterReach reach;
    private boolean lookQueued;
    private @Nullable String droppedProposal;
    private int waitingForNodes = -1;

    private Controller(Coordinator coordinator, PromiseCollector promises, ControllerSettings settings) {
        this.coordinator = coordinator;
        this.view = coordinator.view();
        this.promises = promises;
        this.settings = settings;
        this.balance = new LeaderBalance(view);
        this.lost = new LostNodes(view, promises, settings);
        this.spread = new LeaderSpread(view, promises, settings);
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread created = new Thread(task, "controller");
            created.setDaemon(true);
            return created;
        });
        thread.setRemoveOnCancelPolicy(true);
        thread.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
    }

    /** Takes part in the controller's election, as the node that registered. */
    public static Controller start(Coordinator coordinator, PromiseCollector promises, ControllerSettings settings) {
        Controller controller = new Controller(coordinator, promises, settings);
        coordinator.view().addListener(controller.listener);
        controller.thread.scheduleWithFixedDelay(controller::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        coordinator.controllerElection().join(controller.candidate);
        return controller;
    }

    /** A follower on this node hears nothing of its partition's leader; listened to only by the elected controller. */
    public void onSilentLeader(NodeId from, SilentLeader report) {
        thread.execute(() -> {
            if (leadership != null) {
                silence.add(from, report, System.nanoTime());
                look();
            }
        });
    }

    /** Takes a node that is gone to be lost for good, now: if this is the elected controller, its replicas move. */
    public void giveUp(NodeId node) {
        thread.execute(() -> {
            lost.give(node);
            look();
        });
    }

    /** Steps down and ends the thread. */
    @Override
    public void close() {
        view.removeListener(listener);
        coordinator.controllerElection().leave();
        thread.shutdownNow();
    }

    private final LeaderElection.Candidate candidate = new LeaderElection.Candidate() {
        @Override
        public void onElected(Leadership won) {
            thread.execute(() -> {
                leadership = won;
                reach = new VoterReach(won.controller(), settings);
                silence.clear();
                partitions.clear();
                balance.clear();
                lost.clear();
                spread.clear(System.nanoTime());
                look();
            });
        }

        @Override
        public void onDeposed(Leadership lost) {
            thread.execute(() -> {
                leadership = null;
                partitions.clear();
            });
        }
    };

    private final ClusterListener listener = new ClusterListener() {
        @Override
        public void onNodesChanged(Map<NodeId, ClusterNode> nodes) {
            lookSoon();
        }

        @Override
        public void onPartitionChanged(PartitionState state) {
            lookSoon();
        }

        @Override
        public void onPartitionMapChanged(PartitionMap map) {
            lookSoon();
        }

        @Override
        public void onStorageRegistered(PartitionId partition, NodeId node, StorageId storageId) {
            lookSoon();
        }

        @Override
        public void onSchemaProposal() {
            lookSoon();
        }
    };

    /** Many events at once cost one look. */
    private void lookSoon() {
        synchronized (this) {
            if (lookQueued) {
                return;
            }
            lookQueued = true;
        }
        thread.execute(() -> {
            synchronized (this) {
                lookQueued = false;
            }
            look();
        });
    }

    private void look() {
        Leadership mine = leadership;
        if (mine == null || !view.isConnected()) {
            return;
        }
        try {
            makeHome();
            createPartitions(mine);
            for (PartitionState state : view.partitions()) {
                lookAfter(mine, state);
            }
            lost.look(System.nanoTime());
            spread.look(System.nanoTime());
            dropAbandonedProposal(mine);
        } catch (CoordinatorException e) {
            LOG.warn("the controller could not go on and tries again: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("the controller failed and tries again", e);
        }
    }

    private void makeHome() {
        if (view.partitionMap().set(PartitionSet.HOME) != null) {
            return;
        }
        int alive = view.nodes().size();
        if (alive >= settings.homeReplicas()) {
            coordinator.partitionSets().ensure(PartitionSet.HOME, 1, settings.homeReplicas());
        } else if (alive != waitingForNodes) {
            waitingForNodes = alive;
            LOG.info("{} of {} nodes are there; the cluster starts when all are", alive, settings.homeReplicas());
        }
    }

    private void createPartitions(Leadership mine) {
        PartitionPlacement placement = null;
        for (PartitionSet set : view.partitionMap().sets()) {
            for (PartitionId partition : set.partitions()) {
                ControlledPartition memory = memory(partition);
                if (view.partition(partition) != null || !memory.mayAct(-1, System.nanoTime())) {
                    continue;
                }
                if (placement == null) {
                    placement = new PartitionPlacement(view.partitions());
                }
                create(mine, partition, set, placement, memory);
            }
        }
    }

    private void create(
            Leadership mine,
            PartitionId partition,
            PartitionSet set,
            PartitionPlacement placement,
            ControlledPartition memory) {
        int replicas = set.replicas();
        List<NodeId> nodes = placement.choose(partition, replicas, view.nodes().keySet(), view.knownNodes());
        if (nodes.size() < replicas) {
            if (memory.waiting("only " + nodes)) {
                LOG.warn(
                        "{} is to have {} replicas, but only {} are known; start more nodes",
                        partition,
                        replicas,
                        nodes);
            }
            return;
        }
        memory.begin();
        LOG.info("{} is placed on {}", partition, nodes);
        write(partition, memory, 0, mine.create(PartitionState.unformed(partition, nodes, set.ackRule())), "created");
    }

    private void lookAfter(Leadership mine, PartitionState state) {
        ControlledPartition memory = memory(state.partition());
        if (!memory.mayAct(state.group().version(), System.nanoTime())) {
            return;
        }
        if (state.term().equals(Term.NONE) && !isFormed(state.group())) {
            form(mine, state, memory);
        } else if (state.livingLeader(view.nodes()) == null) {
            if (!mayComeBack(state, memory)) {
                elect(mine, state, memory, PartitionElection.livingVoters(state.group(), view.nodes()));
            }
            return;
        } else if (silence.isSilent(state, view.nodes(), System.nanoTime())) {
            replaceSilentLeader(mine, state, memory);
        }
        memory.remember(null);
    }

    /** True while a leader that the board does not show any more is likely to join again by itself. */
    private boolean mayComeBack(PartitionState state, ControlledPartition memory) {
        NodeId leader = state.leader();
        if (leader == null || view.node(leader) != null) {
            return false; // nobody, or another process
        }
        VanishedLeader known = memory.vanished(state.term());
        VanishedLeader vanished = known == null ? new VanishedLeader(state.term(), System.nanoTime()) : known;
        if (known == null) {
            memory.remember(vanished);
            promises.ifAnswers(
                    leader,
                    state.leaderInstance(),
                    yes -> thread.execute(() -> {
                        vanished.answered(yes);
                        look();
                    }));
        }
        return vanished.mayComeBack(System.nanoTime(), settings);
    }

    /** The leader is no candidate: its log may be the longest, with entries that nobody else will ever see. */
    private void replaceSilentLeader(Leadership mine, PartitionState state, ControlledPartition memory) {
        silence.acted(state.partition(), System.nanoTime());
        LOG.warn(
                "{}: most of its replicas hear nothing of {}, which leads it in {}",
                state.partition(),
                state.leader(),
                state.term());
        Map<NodeId, ClusterNode> voters = PartitionElection.livingVoters(state.group(), view.nodes());
        voters.remove(state.leader());
        elect(mine, state, memory, voters);
    }

    private static boolean isFormed(ReplicaGroup group) {
        return !group.inSync().isEmpty();
    }

    /**
     * Writes the directories the nodes made into the state. A node that is gone is waited for a little; then the
     * partition begins with a majority, and its leader adds the missing replica when it comes.
     */
    private void form(Leadership mine, PartitionState state, ControlledPartition memory) {
        ReplicaGroup group = state.group();
        Map<NodeId, StorageId> made = view.registeredStorages(state.partition());
        List<ReplicaGroup.Voter> voters = new ArrayList<>();
        List<NodeId> ready = new ArrayList<>();
        boolean missingIsAlive = false;
        for (ReplicaGroup.Voter voter : group.replicas()) {
            StorageId storage = made.get(voter.node());
            if (storage == null) {
                missingIsAlive |= view.node(voter.node()) != null;
                voters.add(voter);
            } else {
                ready.add(voter.node());
                voters.add(new ReplicaGroup.Voter(voter.node(), storage));
            }
        }
        boolean complete = ready.size() == voters.size();
        boolean enough = ready.size() >= voters.size() / 2 + 1
                && !missingIsAlive
                && memory.formingMillis(System.nanoTime()) >= settings.formingPatienceMillis();
        if (!complete && !enough) {
            memory.formingMillis(System.nanoTime());
            return;
        }
        memory.begin();
        ReplicaGroup formed = group.formedOf(voters, ready);
        write(
                state.partition(),
                memory,
                formed.version(),
                mine.compareAndSet(new PartitionState(formed, "")),
                "formed");
    }

    private void elect(
            Leadership mine, PartitionState state, ControlledPartition memory, Map<NodeId, ClusterNode> voters) {
        int needed = state.group().promisesToElect();
        if (voters.size() < needed) {
            if (memory.waiting("only " + voters.keySet())) {
                LOG.warn(
                        "{}: an election under {} needs {} of {}, but only {} are alive; start the other nodes",
                        state.partition(),
                        state.group().ackRule(),
                        needed,
                        state.group().voters(),
                        voters.keySet());
            }
            return;
        }
        memory.begin();
        LOG.info(
                "{} gets a leader of its next term: in {} {}",
                state.partition(),
                state.term(),
                state.leader() == null ? "nobody leads" : state.leader() + " led");
        new PartitionElection(
                        mine,
                        promises,
                        settings,
                        thread,
                        state,
                        memory.promised(),
                        voters,
                        balance,
                        result -> electionEnded(mine, state.partition(), memory, result))
                .start();
    }

    private void electionEnded(
            Leadership mine, PartitionId partition, ControlledPartition memory, PartitionElection.Result result) {
        if (leadership != mine) {
            return;
        }
        VoterReach others = reach;
        if (others != null && others.isLost(result, System.nanoTime())) {
            LOG.warn("no other voter has answered lately, so another node is to be the controller");
            reach = null;
            coordinator.controllerElection().giveWay(mine);
        }
        if (result instanceof PartitionElection.Named named) {
            memory.done(named.state().group().version());
        } else if (result instanceof PartitionElection.Failed failed) {
            if (memory.failed(failed.reason(), failed.promised(), settings, System.nanoTime())) {
                LOG.warn("{} has no leader yet: {}", partition, failed.reason());
            }
        }
        lookSoon();
    }

    private void write(
            PartitionId partition,
            ControlledPartition memory,
            int version,
            java.util.concurrent.CompletableFuture<ChangeResult> writing,
            String what) {
        writing.thenAcceptAsync(
                result -> {
                    if (result == ChangeResult.DONE) {
                        memory.done(version);
                    } else {
                        failed(partition, memory, "it could not be " + what + ": " + result);
                    }
                    lookSoon();
                },
                thread);
    }

    private void failed(PartitionId partition, ControlledPartition memory, String reason) {
        if (memory.failed(reason, Term.NONE, settings, System.nanoTime())) {
            LOG.warn("{}: {}", partition, reason);
        }
    }

    private ControlledPartition memory(PartitionId partition) {
        return partitions.computeIfAbsent(partition, number -> new ControlledPartition());
    }

    private void dropAbandonedProposal(Leadership mine) {
        SchemaProposal open = coordinator.schemaLog().proposal();
        if (open == null || open.id().equals(droppedProposal)) {
            return;
        }
        ClusterNode proposer = view.node(open.proposer());
        if (proposer != null && proposer.instance().equals(open.proposerInstance())) {
            return;
        }
        droppedProposal = open.id();
        LOG.info(
                "drops the schema change proposed by {}, which is gone: {}",
                open.proposer(),
                open.change().sql());
        mine.drop(open)
                .thenAcceptAsync(
                        result -> {
                            if (result == ChangeResult.UNKNOWN) {
                                droppedProposal = null;
                            }
                        },
                        thread);
    }
}
