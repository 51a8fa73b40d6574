package org.deuterium.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.replication.ChainRoute;
import org.deuterium.wire.replication.ReplicaGroup;

/** The leader's end of a chain: which followers pass its entries on to each other, in the order of the in-sync set. */
final class Chain {

    private final NodeId leader;
    private List<FollowerProgress> members = List.of();
    private int number;

    Chain(NodeId leader) {
        this.leader = leader;
    }

    /**
     * The followers that get the entry at {@code first} through the chain: those in sync that have, or will have, everything
     * before it, and whose way has not lost anything lately. Fewer than two are no chain.
     */
    List<FollowerProgress> membersFor(
            long first, ReplicaGroup group, List<FollowerProgress> followers, long nowMillis) {
        List<FollowerProgress> chain = new ArrayList<>(group.inSync().size());
        for (NodeId node : group.inSync()) {
            for (int i = 0; i < followers.size(); i++) {
                FollowerProgress follower = followers.get(i);
                if (follower.node.equals(node)
                        && follower.votes
                        && follower.takesDirectly(first)
                        && nowMillis >= follower.aloneUntilMillis) {
                    chain.add(follower);
                }
            }
        }
        if (chain.size() < 2) {
            chain = List.of();
        }
        if (!chain.equals(members)) {
            change(chain);
        }
        return members;
    }

    ChainRoute route() {
        return new ChainRoute(
                number,
                leader,
                members.subList(1, members.size()).stream()
                        .map(member -> member.node)
                        .toList());
    }

    /** Whom an acknowledgement that came back from the tail speaks for; empty if it is of another chain. */
    List<FollowerProgress> membersOf(int routeNumber) {
        return routeNumber == number ? members : List.of();
    }

    /**
     * Everybody is sent to directly, since the rule is another one now or a member's directory was replaced: an
     * acknowledgement that is still on its way back says what the former directory had.
     */
    void dissolve() {
        if (!members.isEmpty()) {
            change(List.of());
        }
    }

    private void change(List<FollowerProgress> chain) {
        for (FollowerProgress former : members) {
            former.chained = false;
        }
        members = chain;
        number++;
        for (FollowerProgress member : members) {
            member.chained = true;
        }
    }
}
