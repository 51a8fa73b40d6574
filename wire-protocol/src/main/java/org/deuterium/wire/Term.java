package org.deuterium.wire;

/**
 * The fencing number of a partition's leadership: at most one leader a term, and a message of an older term changes
 * nothing. 0 is "before the first leader". (Ongaro 2014, 3.3; Kafka's leader epoch, KIP-101.)
 */
public record Term(long number) implements Comparable<Term> {

    public static final Term NONE = new Term(0);

    public Term {
        if (number < 0) {
            throw new IllegalArgumentException("term " + number + " is negative");
        }
    }

    public Term next() {
        return new Term(number + 1);
    }

    public boolean isBefore(Term other) {
        return number < other.number;
    }

    @Override
    public int compareTo(Term other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return "t" + number;
    }
}
