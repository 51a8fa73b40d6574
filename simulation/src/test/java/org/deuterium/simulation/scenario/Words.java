package org.deuterium.simulation.scenario;

import java.util.List;
import org.deuterium.replication.RoleChange;
import org.deuterium.wire.LogIndex;
import org.deuterium.wire.replication.AppendAnswer;
import org.deuterium.wire.replication.AppendEntries;
import org.deuterium.wire.replication.LogEntry;
import org.deuterium.wire.replication.Promise;
import org.deuterium.wire.replication.PromiseRequest;
import org.deuterium.wire.replication.ReplicaGroup;
import org.deuterium.wire.replication.ReplicationMessage;
import org.deuterium.wire.replication.TailLease;

/** Messages and states in as few words as a reader of a scenario needs. */
final class Words {

    private Words() {}

    static String of(ReplicationMessage message) {
        return switch (message.kind()) {
            case PROMISE_REQUEST -> "promise " + ((PromiseRequest) message).term() + "?";
            case PROMISE -> of((Promise) message);
            case APPEND_ENTRIES -> of((AppendEntries) message);
            case APPEND_ANSWER -> of((AppendAnswer) message);
            case TAIL_LEASE ->
                message.term()
                        + (((TailLease) message).granted() ? ": the tail has a lease" : ": a lease for the tail?");
        };
    }

    private static String of(Promise promise) {
        return promise.granted()
                ? "I promise " + promise.term() + "; my log ends at " + promise.lastIndex() + "/" + promise.lastTerm()
                : "no, I promised " + promise.term();
    }

    private static String of(AppendEntries append) {
        String after = append.term() + ": after " + append.previousIndex() + "/" + append.previousTerm();
        String entries = append.entries().isEmpty() ? " nothing" : " " + of(append.entries());
        return after + entries + ", committed " + append.commitIndex()
                + (append.route() == null || append.route().rest().isEmpty()
                        ? ""
                        : "; pass it on to " + append.route().rest().get(0))
                + (append.releases() ? "; I need no lease any more" : "");
    }

    private static String of(AppendAnswer answer) {
        return answer.accepted()
                ? answer.term() + ": I have all up to " + answer.index()
                        + (answer.throughTail().equals(LogIndex.NONE)
                                ? ""
                                : ", and so has the chain up to " + answer.throughTail())
                : answer.term() + ": not after " + answer.index() + ", at most after " + answer.hintIndex() + "/"
                        + answer.hintTerm();
    }

    static String of(List<LogEntry> entries) {
        StringBuilder text = new StringBuilder();
        for (LogEntry entry : entries) {
            text.append(text.length() == 0 ? "" : " ").append(of(entry));
        }
        return text.toString();
    }

    /** The place of an entry, and for a write its name. */
    static String of(LogEntry entry) {
        String name = new String(entry.payload(), java.nio.charset.StandardCharsets.UTF_8);
        return entry.index() + "/" + entry.term() + (name.isEmpty() ? "" : "=" + name);
    }

    static String of(RoleChange change) {
        String role = change.leading()
                ? "leads " + change.term() + ", serves once " + change.serveFrom() + " is applied"
                : "follows " + (change.leader() == null ? "nobody yet" : change.leader()) + " in " + change.term();
        return change.lost() == null ? role : role + "; the fate of what came after " + change.lost() + " is unknown";
    }

    static String of(ReplicaGroup group) {
        return group.term() + ", leader " + (group.leader() == null ? "none" : group.leader())
                + (group.successor() == null ? "" : " (wanted: " + group.successor() + ")") + ", " + group.ackRule()
                + ", in sync " + group.inSync() + ", directories "
                + group.replicas().stream()
                        .map(voter -> voter.storage().value())
                        .toList() + ", version "
                + group.version();
    }
}
