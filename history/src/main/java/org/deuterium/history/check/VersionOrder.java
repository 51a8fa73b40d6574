package org.deuterium.history.check;

import org.deuterium.history.Operation;

/** The elements of one list in the order in which they were appended, as the longest read shows it. */
final class VersionOrder {

    private Operation longest;
    private int reader;

    VersionOrder(Operation longest, int reader) {
        this.longest = longest;
        this.reader = reader;
    }

    /** Takes note of a read; the first of the longest ones counts. */
    void add(Operation read, int transaction) {
        if (read.size() > longest.size()) {
            longest = read;
            reader = transaction;
        }
    }

    int size() {
        return longest.size();
    }

    long elementAt(int place) {
        return longest.valueAt(place);
    }

    /** Who read the longest list. */
    int reader() {
        return reader;
    }

    Operation longest() {
        return longest;
    }

    /** Whether a read is a beginning of this order. */
    boolean startsWith(Operation read) {
        for (int place = 0; place < read.size(); place++) {
            if (read.valueAt(place) != longest.valueAt(place)) {
                return false;
            }
        }
        return true;
    }
}
