package org.deuterium.replica.host;

import java.util.function.Consumer;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
import org.deuterium.replication.RuleStanding;
import org.deuterium.replication.WishWithdrawn;
import org.deuterium.wire.ErrorCode;
import org.deuterium.wire.replication.AckRule;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.statement.Failure;
import org.jspecify.annotations.Nullable;

/** One wish for another ack rule of a partition led here, until it is in force, impossible, or took too long. Loop only. */
final class AckRuleWish implements GroupRequest {

    private final AckRule rule;
    private final long deadlineMillis;
    private final Consumer<@Nullable Failure> whenDone;
    private int begunAtVersion;

    AckRuleWish(AckRule rule, long deadlineMillis, Consumer<@Nullable Failure> whenDone) {
        this.rule = rule;
        this.deadlineMillis = deadlineMillis;
        this.whenDone = whenDone;
    }

    @Override
    public boolean begin(PartitionReplica core, Consumer<Effects> perform, long nowMillis) {
        String refusal = core.refusalOf(rule);
        if (refusal != null) {
            whenDone.accept(Failure.of(core.isLeader() ? ErrorCode.NOT_SUPPORTED : ErrorCode.NOT_LEADER, refusal));
            return false;
        }
        begunAtVersion = versionOf(core.group());
        perform.accept(core.changeAckRule(rule, nowMillis));
        return !isOver(core, perform, nowMillis);
    }

    private static int versionOf(@Nullable ReplicaGroup group) {
        return group == null ? -1 : group.version();
    }

    @Override
    public boolean isOver(PartitionReplica core, Consumer<Effects> perform, long nowMillis) {
        RuleStanding standing = core.standingOf(rule);
        if (standing == RuleStanding.IN_FORCE || wasReadBack(core.group())) {
            whenDone.accept(null);
            return true;
        }
        if (standing == RuleStanding.WISHED) {
            if (nowMillis < deadlineMillis) {
                return false;
            }
            whenDone.accept(tooLate(core, core.withdrawAckRule(rule, perform, nowMillis)));
        } else if (core.isLeader()) {
            whenDone.accept(
                    Failure.of(
                            ErrorCode.SCHEMA_CHANGE_REFUSED,
                            "The ack rule of " + core.partition() + " does not become " + rule
                                    + ", since another one was asked for meanwhile; SHOW PARTITIONS tells which one is in force"));
        } else {
            abandon();
        }
        return true;
    }

    /** Whatever was on its way to the board before came to nothing, or was written before this. */
    private boolean wasReadBack(@Nullable ReplicaGroup group) {
        return group != null
                && group.version() > begunAtVersion
                && group.ackRule().equals(rule);
    }

    private Failure tooLate(PartitionReplica core, WishWithdrawn withdrawn) {
        return switch (withdrawn) {
            case SURELY ->
                Failure.of(
                        ErrorCode.TOO_FEW_IN_SYNC,
                        "The ack rule of " + core.partition() + " stays as it was: too few replicas keep up for " + rule
                                + "; see SHOW REPLICAS and try again when they have caught up");
            case OTHERS_WAIT ->
                Failure.of(
                        ErrorCode.TOO_FEW_IN_SYNC,
                        "The ack rule of " + core.partition() + " is not " + rule
                                + " yet, and another session waits for it on; SHOW PARTITIONS tells when it is");
            case UNKNOWN ->
                Failure.of(
                        ErrorCode.OUTCOME_UNKNOWN,
                        "ZooKeeper has not answered which ack rule " + core.partition() + " has now, " + rule
                                + " or another that was asked for; SHOW PARTITIONS tells when it is back");
        };
    }

    @Override
    public void abandon() {
        whenDone.accept(Failure.of(
                ErrorCode.OUTCOME_UNKNOWN,
                "The leader of the partition changed before its ack rule was read back as " + rule
                        + "; SHOW PARTITIONS tells which one is in force"));
    }
}
