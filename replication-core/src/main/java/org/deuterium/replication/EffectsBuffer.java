package org.deuterium.replication;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.NodeId;
import org.deuterium.wire.Term;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.jspecify.annotations.Nullable;

/** The effects of the input that is being worked on; emptied by {@link #take}, and used again for the next one. */
final class EffectsBuffer {

    private boolean touched;
    private @Nullable Term persistTerm;
    private @Nullable RoleChange roleChange;
    private @Nullable LogIndex setAside;
    private boolean parted;
    private @Nullable LogIndex discardAfter;
    private List<LogEntry> append = List.of();
    private List<Effects.Send> sendNow = List.of();
    private List<Effects.SendFromLog> sendFromLog = List.of();
    private List<Effects.Send> sendAfterDurable = List.of();
    private @Nullable LogIndex commitTo;
    private @Nullable ReplicaGroup configChange;
    private List<Proposal> refused = List.of();
    private Effects.@Nullable Refusal refusal;
    private List<NodeId> snapshotTo = List.of();

    void persistTerm(Term term) {
        touched = true;
        persistTerm = term;
    }

    /** A second change in the same input replaces the first, but what was lost by the first stays lost. */
    void roleChange(RoleChange change) {
        touched = true;
        LogIndex lost = roleChange == null || change.lost() != null ? change.lost() : roleChange.lost();
        roleChange = new RoleChange(change.term(), change.leader(), change.leading(), change.serveFrom(), lost);
    }

    void setAside(LogIndex after) {
        touched = true;
        setAside = after;
    }

    void parted() {
        touched = true;
        parted = true;
    }

    void discardAfter(LogIndex index) {
        touched = true;
        discardAfter = index;
    }

    void append(List<LogEntry> entries) {
        if (!append.isEmpty()) {
            throw new IllegalStateException("one input appends once; it is the host that gathers batches");
        }
        touched = true;
        append = entries;
    }

    void sendNow(NodeId to, ReplicationMessage message) {
        touched = true;
        if (sendNow.isEmpty()) {
            sendNow = new ArrayList<>(4);
        }
        sendNow.add(new Effects.Send(to, message));
    }

    void sendFromLog(Effects.SendFromLog send) {
        touched = true;
        if (sendFromLog.isEmpty()) {
            sendFromLog = new ArrayList<>(2);
        }
        sendFromLog.add(send);
    }

    void sendAfterDurable(NodeId to, ReplicationMessage message) {
        touched = true;
        if (sendAfterDurable.isEmpty()) {
            sendAfterDurable = new ArrayList<>(1);
        }
        sendAfterDurable.add(new Effects.Send(to, message));
    }

    void commitTo(LogIndex index) {
        touched = true;
        commitTo = index;
    }

    void configChange(ReplicaGroup wished) {
        touched = true;
        configChange = wished;
    }

    void refuse(List<Proposal> proposals, Effects.Refusal why) {
        touched = true;
        refused = proposals;
        refusal = why;
    }

    void snapshotTo(NodeId node) {
        touched = true;
        if (snapshotTo.isEmpty()) {
            snapshotTo = new ArrayList<>(1);
        }
        snapshotTo.add(node);
    }

    Effects take() {
        if (!touched) {
            return Effects.NONE;
        }
        Effects effects = new Effects(
                persistTerm,
                roleChange,
                setAside,
                parted,
                discardAfter,
                append,
                sendNow,
                sendFromLog,
                sendAfterDurable,
                commitTo,
                configChange,
                refused,
                refusal,
                snapshotTo);
        touched = false;
        persistTerm = null;
        roleChange = null;
        setAside = null;
        parted = false;
        discardAfter = null;
        append = List.of();
        sendNow = List.of();
        sendFromLog = List.of();
        sendAfterDurable = List.of();
        commitTo = null;
        configChange = null;
        refused = List.of();
        refusal = null;
        snapshotTo = List.of();
        return effects;
    }
}
