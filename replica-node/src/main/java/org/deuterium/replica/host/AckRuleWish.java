package org.deuterium.replica.host;

import java.util.function.Consumer;
import org.deuterium.replication.Effects;
import org.deuterium.replication.PartitionReplica;
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
        perform.accept(core.changeAckRule(rule, nowMillis));
        return !isOver(core, perform, nowMillis);
    }

    @Override
    public boolean isOver(PartitionReplica core, Consumer<Effects> perform, long nowMillis) {
        ReplicaGroup group = core.group();
        if (group != null && group.ackRule().equals(rule)) {
            whenDone.accept(null);
            return true;
        }
        if (!core.isLeader()) {
            abandon();
            return true;
        }
        if (nowMillis < deadlineMillis) {
            return false;
        }
        PartitionReplica.Withdrawn withdrawn = core.withdrawAckRule(perform, nowMillis);
        whenDone.accept(
                switch (withdrawn) {
                    case SURELY ->
                        Failure.of(
                                ErrorCode.TOO_FEW_IN_SYNC,
                                "The ack rule of " + core.partition()
                                        + " stays as it was: too few replicas keep up for " + rule
                                        + "; see SHOW REPLICAS and try again when they have caught up");
                    case UNKNOWN ->
                        Failure.of(
                                ErrorCode.OUTCOME_UNKNOWN,
                                "ZooKeeper has not answered whether the ack rule of " + core.partition() + " is now "
                                        + rule + "; SHOW PARTITIONS tells when it is back");
                });
        return true;
    }

    @Override
    public void abandon() {
        whenDone.accept(Failure.of(
                ErrorCode.OUTCOME_UNKNOWN,
                "The leader of the partition changed before its ack rule was read back as " + rule
                        + "; SHOW PARTITIONS tells which one is in force"));
    }
}
