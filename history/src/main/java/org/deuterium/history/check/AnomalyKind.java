package org.deuterium.history.check;

/**
 * What can be wrong with a history. Names as in Adya, Liskov and O'Neil (2000), and for those that only lists show as in
 * Elle (Kingsbury and Alvaro 2020).
 */
public enum AnomalyKind {
    /** An element that nobody appended was read. */
    GARBAGE_READ("garbage read"),
    /** One element was read twice in one list: a write was done twice. */
    DUPLICATE_ELEMENT("duplicate element"),
    /** Two reads of one list of which none is the beginning of the other. */
    INCOMPATIBLE_ORDER("incompatible order"),
    /** A transaction did not see what it had itself written before, or saw what it wrote later. */
    INTERNAL("internal"),
    /** An acknowledged write was not in the last read of its key, nor in any other. */
    LOST_ELEMENT("lost element"),
    /** A value of a register was read that no order of the operations explains (Herlihy and Wing 1990). */
    NOT_LINEARIZABLE("not linearizable"),
    /** Aborted read: what a transaction wrote that was rolled back was read. */
    G1A("G1a"),
    /** Intermediate read: what a transaction overwrote itself was read by another. */
    G1B("G1b"),
    /** A committed write went on top of one that was rolled back. */
    DIRTY_UPDATE("dirty update"),
    /** Write cycle, also dirty write: a cycle of ww. */
    G0("G0"),
    /** Circular information flow: a cycle of ww and wr with a wr. */
    G1C("G1c"),
    /** Two read the same version, and both wrote on top of what they read (Berenson et al. 1995, P4). */
    LOST_UPDATE("lost update"),
    /** Read skew, and others: a cycle with exactly one rw. */
    G_SINGLE("G-single"),
    /** Long fork, and others: a cycle with several rw of which no two follow each other. */
    G_NONADJACENT("G-nonadjacent"),
    /** Write skew, and others: a cycle with two rw in a row. */
    G2_ITEM("G2-item");

    private final String text;

    AnomalyKind(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
