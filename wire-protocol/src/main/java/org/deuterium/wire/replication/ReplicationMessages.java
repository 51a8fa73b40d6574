package org.deuterium.wire.replication;

import org.deuterium.wire.LogIndex;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Message;
import org.deuterium.wire.MessageFamily;
import org.deuterium.wire.PartitionId;
import org.deuterium.wire.Term;
import org.deuterium.wire.WireReader;

/** Between the replicas of a partition, and from the controller to them: codes 140 to 191 (160 on: snapshots). */
public final class ReplicationMessages implements MessageFamily {

    static final int PROMISE_REQUEST = 140;
    static final int PROMISE = 141;
    static final int APPEND_ENTRIES = 142;
    static final int APPEND_ANSWER = 143;
    static final int TAIL_LEASE = 144;
    static final int REPLACE_REPLICA = 158;
    static final int SNAPSHOT_OFFER = 160;
    static final int SNAPSHOT_REQUEST = 161;
    static final int SNAPSHOT_CHUNK = 162;

    @Override
    public int firstCode() {
        return 140;
    }

    @Override
    public int lastCode() {
        return 191;
    }

    @Override
    public Message decode(int code, WireReader payload) {
        return switch (code) {
            case PROMISE_REQUEST -> PromiseRequest.decode(payload);
            case PROMISE -> Promise.decode(payload);
            case APPEND_ENTRIES -> AppendEntries.decode(payload);
            case APPEND_ANSWER -> AppendAnswer.decode(payload);
            case TAIL_LEASE -> TailLease.decode(payload);
            case REPLACE_REPLICA -> ReplaceReplica.decode(payload);
            case SNAPSHOT_OFFER -> SnapshotOffer.decode(payload);
            case SNAPSHOT_REQUEST -> SnapshotRequest.decode(payload);
            case SNAPSHOT_CHUNK -> SnapshotChunk.decode(payload);
            default -> throw new MalformedMessageException("no replication message has code " + code);
        };
    }

    static PartitionId readPartition(WireReader in) {
        int number = in.readVInt();
        if (number < 0) {
            throw new MalformedMessageException("partition number " + number);
        }
        return new PartitionId(number);
    }

    static Term readTerm(WireReader in) {
        long number = in.readVLong();
        if (number < 0) {
            throw new MalformedMessageException("term " + number);
        }
        return new Term(number);
    }

    static LogIndex readIndex(WireReader in) {
        long position = in.readVLong();
        if (position < 0) {
            throw new MalformedMessageException("log index " + position);
        }
        return new LogIndex(position);
    }
}
