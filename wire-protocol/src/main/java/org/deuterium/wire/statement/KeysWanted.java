package org.deuterium.wire.statement;

import java.util.ArrayList;
import java.util.List;
import org.deuterium.wire.MalformedMessageException;
import org.deuterium.wire.WireReader;
import org.deuterium.wire.WireWriter;

/**
 * Which generated keys a data change is to return (java.sql.Statement.RETURN_GENERATED_KEYS and its variants).
 *
 * @param kind none, all that H2 generates, columns by name, or columns by their place in the table from 1
 * @param columns the names, or the places as decimal numbers; empty for NONE and ALL
 */
public record KeysWanted(Kind kind, List<String> columns) {

    public static final KeysWanted NONE = new KeysWanted(Kind.NONE, List.of());
    public static final KeysWanted ALL = new KeysWanted(Kind.ALL, List.of());

    /** How the wanted columns are named. */
    public enum Kind {
        NONE,
        ALL,
        NAMES,
        INDEXES
    }

    public void encode(WireWriter out) {
        out.writeByte(kind.ordinal());
        if (kind == Kind.NAMES || kind == Kind.INDEXES) {
            out.writeVInt(columns.size());
            columns.forEach(out::writeString);
        }
    }

    public static KeysWanted decode(WireReader in) {
        int ordinal = in.readByte();
        if (ordinal < 0 || ordinal >= Kind.values().length) {
            throw new MalformedMessageException("unknown kind of generated keys " + ordinal);
        }
        Kind kind = Kind.values()[ordinal];
        if (kind == Kind.NONE) {
            return NONE;
        }
        if (kind == Kind.ALL) {
            return ALL;
        }
        int count = in.readCount();
        List<String> columns = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            columns.add(in.readString());
        }
        return new KeysWanted(kind, columns);
    }
}
