package org.deuterium.replica.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a partition that come after damage to its log, in pieces without gaps. No replica goes by them any more;
 * they are there to be set aside for people.
 */
final class EntriesBehindDamage {

    private final List<EntryRing> pieces = new ArrayList<>(0);

    /** What was known from this index on does not count: that it was discarded may be said where nothing can be read. */
    void add(long index, long location, int checksum) {
        removeFrom(index);
        EntryRing last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        if (last == null || last.end() != index) {
            last = new EntryRing(index);
            pieces.add(last);
        }
        last.add(location, checksum, null, 0);
    }

    void removeFrom(long index) {
        while (!pieces.isEmpty() && pieces.get(pieces.size() - 1).first() >= index) {
            pieces.remove(pieces.size() - 1);
        }
        if (!pieces.isEmpty()) {
            pieces.get(pieces.size() - 1).removeFrom(index);
        }
    }

    void clear() {
        pieces.clear();
    }

    /** In rising order of their indexes, and of where they lie. */
    List<EntryRing> pieces() {
        return pieces;
    }

    /** The piece with the first entry at or after this index; null if there is none. */
    @Nullable
    EntryRing pieceFrom(long index) {
        for (EntryRing piece : pieces) {
            if (index < piece.end() && piece.first() < piece.end()) {
                return piece;
            }
        }
        return null;
    }
}
