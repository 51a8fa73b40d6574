package org.deuterium.router.reads;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.zip.CRC32C;
import org.deuterium.wire.HybridClock;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.Timestamp;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * A session's progress as a short text, so that it can go on in another connection: {@code d2.} and base64url of the
 * cluster's mark, the timestamp, of which partitions the session does not know all, the positions of each partition, and a
 * checksum (CRC-32C) of all that.
 */
public final class SessionToken {

    private static final String VERSION = "d2.";
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    /** A higher number of a partition is surely none of this cluster's. */
    private static final int MAX_PARTITION = 1 << 16;

    private SessionToken() {}

    /** The token of a session of this cluster. */
    public static String of(SessionProgress progress, String clusterId) {
        SessionProgress.Picture picture = progress.picture();
        WireWriter out = new WireWriter();
        out.writeInt(markOf(clusterId)).writeLong(picture.latest().value());
        out.writeBoolean(picture.forgetful()).writeVInt(picture.exceptions().cardinality());
        picture.exceptions().stream().forEach(out::writeVInt);
        int last = 0;
        for (int i = 0; i < Math.max(picture.written().length, picture.seen().length); i++) {
            long written = i < picture.written().length ? picture.written()[i] : 0;
            long seen = i < picture.seen().length ? picture.seen()[i] : 0;
            if (written != 0 || seen != 0) {
                out.writeVInt(i - last).writeVLong(written).writeVLong(seen);
                last = i;
            }
        }
        out.writeInt(checksum(out.toByteArray(), out.size()));
        return VERSION + Base64.getUrlEncoder().withoutPadding().encodeToString(out.toByteArray());
    }

    /**
     * Brings a session at least as far as the token's was; an empty text makes it forget everything instead.
     *
     * @throws ReadRules.BadValue if the text is no token, is damaged, or is of another cluster; then nothing has changed
     */
    public static void takeInto(SessionProgress progress, String text, String clusterId, long nowMillis)
            throws ReadRules.BadValue {
        if (text.isEmpty()) {
            progress.clear();
            return;
        }
        byte[] bytes = bytesOf(text);
        WireReader in = new WireReader(bytes, 0, bytes.length - CHECKSUM_BYTES);
        try {
            if (in.readInt() != markOf(clusterId)) {
                throw new ReadRules.BadValue(
                        "this session token is of another cluster; a token is good only in the cluster that gave it");
            }
            take(progress, in, nowMillis);
        } catch (MalformedMessageException e) {
            throw damaged();
        }
    }

    private static void take(SessionProgress progress, WireReader in, long nowMillis) throws ReadRules.BadValue {
        Timestamp latest = new Timestamp(in.readLong());
        boolean tooFarAhead = HybridClock.isTooFarAhead(latest, nowMillis); // leaders would refuse what it writes
        if (tooFarAhead && !progress.hasLostMemory()) {
            throw new ReadRules.BadValue("this session token is " + (latest.millis() - nowMillis)
                    + " ms ahead of this node's clock; set the clocks of the cluster's machines");
        }
        boolean forgetful = in.readBoolean();
        BitSet exceptions = new BitSet();
        for (int left = in.readCount(); left > 0; left--) {
            exceptions.set(checked(in.readVInt()));
        }
        long[] written = new long[4];
        long[] seen = new long[4];
        int partition = 0;
        while (in.remaining() > 0) {
            partition = checked(partition + in.readVInt());
            if (partition >= written.length) {
                written = Arrays.copyOf(written, 2 * partition);
                seen = Arrays.copyOf(seen, 2 * partition);
            }
            written[partition] = in.readVLong();
            seen[partition] = in.readVLong();
        }
        // After the loss of its router a session's timestamp is the clock's in any case, and must not keep it from
        // going on.
        Timestamp taken = tooFarAhead ? Timestamp.ofMillis(nowMillis) : latest;
        progress.merge(new SessionProgress.Picture(written, seen, taken, forgetful, exceptions));
    }

    private static int checked(int partition) throws ReadRules.BadValue {
        if (partition < 0 || partition > MAX_PARTITION) {
            throw damaged();
        }
        return partition;
    }

    private static byte[] bytesOf(String text) throws ReadRules.BadValue {
        if (!text.startsWith(VERSION)) {
            throw new ReadRules.BadValue("this is no session token (one begins with " + VERSION
                    + "); take one with SHOW SESSION TOKEN or getClientInfo(\"session.token\")");
        }
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(text.substring(VERSION.length()));
        } catch (IllegalArgumentException e) {
            throw damaged();
        }
        int length = bytes.length - CHECKSUM_BYTES;
        if (length < 0 || ByteBuffer.wrap(bytes).getInt(length) != checksum(bytes, length)) {
            throw damaged();
        }
        return bytes;
    }

    private static ReadRules.BadValue damaged() {
        return new ReadRules.BadValue(
                "this session token is damaged: its checksum does not fit; copy the whole text as it was given");
    }

    private static int markOf(String clusterId) {
        byte[] bytes = clusterId.getBytes(StandardCharsets.UTF_8);
        return checksum(bytes, bytes.length);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
