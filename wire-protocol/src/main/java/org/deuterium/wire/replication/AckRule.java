package org.deuterium.wire.replication;

import java.util.Locale;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;
import org.jspecify.annotations.Nullable;

/**
 * When a commit may be acknowledged: who votes, how many of them must have an entry fsynced, and so how many must answer
 * an election. The arithmetic only; which nodes vote is said by {@link ReplicaGroup#voters}.
 *
 * @param followers for SEMI_SYNC: fsynced copies beside the leader's own; else 0
 * @param minInSync for SYNC and CHAIN: with fewer members in the in-sync set writes are refused; else 0
 */
public record AckRule(Kind kind, int followers, int minInSync) {

    /** The five rules. */
    public enum Kind {
        /** A majority of the replicas; an acknowledged commit is lost only with a majority of the disks. */
        QUORUM,
        /** The leader and so many followers. */
        SEMI_SYNC,
        /** Every member of the in-sync set. */
        SYNC,
        /** Every member of the in-sync set, one after the other; strong reads at the last. */
        CHAIN,
        /** The leader alone, as long as a majority confirms that it leads. */
        ASYNC
    }

    private static final Kind[] KINDS = Kind.values();

    public static final AckRule QUORUM = new AckRule(Kind.QUORUM, 0, 0);
    public static final AckRule ASYNC = new AckRule(Kind.ASYNC, 0, 0);

    /** Members of the in-sync set below which SYNC and CHAIN refuse writes, unless something else is said. */
    public static final int DEFAULT_MIN_IN_SYNC = 2;

    public AckRule {
        boolean semiSync = kind == Kind.SEMI_SYNC;
        boolean inSync = kind == Kind.SYNC || kind == Kind.CHAIN;
        if (semiSync != followers > 0 || inSync != minInSync > 0) {
            throw new IllegalArgumentException(kind + " with " + followers + " followers and MIN_IN_SYNC " + minInSync
                    + ": SEMI_SYNC needs followers, SYNC and CHAIN need MIN_IN_SYNC, the others have neither");
        }
    }

    public static AckRule semiSync(int followers) {
        return new AckRule(Kind.SEMI_SYNC, followers, 0);
    }

    public static AckRule sync(int minInSync) {
        return new AckRule(Kind.SYNC, 0, minInSync);
    }

    public static AckRule chain(int minInSync) {
        return new AckRule(Kind.CHAIN, 0, minInSync);
    }

    /** True if the voters are the in-sync set, not all replicas. */
    public boolean countsInSync() {
        return kind == Kind.SYNC || kind == Kind.CHAIN;
    }

    /** Fsynced copies a commit needs, the leader's own included; more than there are voters if it does not fit. */
    public int acknowledgementsToCommit(int voters) {
        return switch (kind) {
            case QUORUM -> majority(voters);
            case SEMI_SYNC -> followers + 1;
            case SYNC, CHAIN -> voters;
            case ASYNC -> 1;
        };
    }

    /** Promises an election needs, so that each commit and each lease is known to at least one who answered. */
    public int promisesToElect(int voters) {
        return kind == Kind.ASYNC ? majority(voters) : Math.max(1, voters - acknowledgementsToCommit(voters) + 1);
    }

    /** Voters that must have confirmed a leader, itself included, so that no election can be over without one of them. */
    public int confirmationsToLease(int voters) {
        return voters - promisesToElect(voters) + 1;
    }

    private static int majority(int voters) {
        return voters / 2 + 1;
    }

    /** Why a partition of so many replicas cannot have this rule, and the cure; null if it can. */
    public @Nullable String misfit(int replicas) {
        if (followers >= replicas) {
            return this + " needs " + followers + " followers beside the leader, but there are " + replicas
                    + " replicas; choose at most SEMI_SYNC " + Math.max(1, replicas - 1) + " or add replicas";
        }
        if (minInSync > replicas) {
            return this + " cannot be met by " + replicas + " replicas; choose MIN_IN_SYNC " + replicas
                    + " at the most or add replicas";
        }
        if (minInSync == 1 && replicas > 1) {
            return this + " would acknowledge what only one of " + replicas
                    + " replicas has; choose MIN_IN_SYNC 2 or more, or ACK ASYNC if that is wanted";
        }
        return null;
    }

    /** {@code QUORUM}, {@code SEMI_SYNC 1}, {@code SYNC MIN_IN_SYNC 2}, …: as in SQL, and on the board. */
    @Override
    public String toString() {
        return switch (kind) {
            case QUORUM, ASYNC -> kind.name();
            case SEMI_SYNC -> kind.name() + " " + followers;
            case SYNC, CHAIN -> kind.name() + " MIN_IN_SYNC " + minInSync;
        };
    }

    /**
     * Reads what {@link #toString} writes; MIN_IN_SYNC may be left out.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static AckRule parse(String text) {
        String[] words = text.trim().toUpperCase(Locale.ROOT).split("\\s+", -1);
        try {
            Kind kind = Kind.valueOf(words[0]);
            if (words.length == 1) {
                return switch (kind) {
                    case QUORUM, ASYNC -> new AckRule(kind, 0, 0);
                    case SYNC, CHAIN -> new AckRule(kind, 0, DEFAULT_MIN_IN_SYNC);
                    case SEMI_SYNC -> throw new IllegalArgumentException("SEMI_SYNC without a number");
                };
            }
            if (kind == Kind.SEMI_SYNC && words.length == 2) {
                return semiSync(Integer.parseInt(words[1]));
            }
            if (words.length == 3 && words[1].equals("MIN_IN_SYNC")) {
                return new AckRule(kind, 0, Integer.parseInt(words[2]));
            }
        } catch (IllegalArgumentException e) {
            throw notARule(text, e);
        }
        throw notARule(text, null);
    }

    private static IllegalArgumentException notARule(String text, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "'" + text + "' is no ack rule; there are QUORUM, SEMI_SYNC k, SYNC [MIN_IN_SYNC n], CHAIN [MIN_IN_SYNC"
                        + " n] and ASYNC",
                cause);
    }

    public void encode(WireWriter out) {
        out.writeByte(kind.ordinal()).writeVInt(followers).writeVInt(minInSync);
    }

    public static AckRule decode(WireReader in) {
        int code = in.readByte();
        if (code < 0 || code >= KINDS.length) {
            throw new MalformedMessageException("unknown ack rule " + code);
        }
        try {
            return new AckRule(KINDS[code], in.readVInt(), in.readVInt());
        } catch (IllegalArgumentException e) {
            throw new MalformedMessageException("no ack rule: " + e.getMessage());
        }
    }
}
