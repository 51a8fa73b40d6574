package org.deuterium.history;

import java.util.List;

/**
 * One transaction as its client saw it.
 *
 * @param number its place in the history, from 0
 * @param process the client, which does one transaction after another; after an unknown outcome it goes on as another one
 * @param invoked when it began, on a clock that all clients of the history share
 * @param completed when the client had its outcome; {@link #NEVER} if it never had
 */
public record Transaction(
        int number, int process, long invoked, long completed, Outcome outcome, List<Operation> operations) {

    /** Later than everything: when a transaction ends whose answer was lost. */
    public static final long NEVER = Long.MAX_VALUE;

    public Transaction {
        operations = List.copyOf(operations);
        if (completed < invoked) {
            throw new IllegalArgumentException("T" + number + " ends at " + completed + ", before it begins");
        }
        if ((outcome == Outcome.UNKNOWN) != (completed == NEVER)) {
            throw new IllegalArgumentException("T" + number + ": who does not know the outcome never had it");
        }
    }

    public String name() {
        return "T" + number;
    }

    /** As {@link HistoryText} writes it. */
    @Override
    public String toString() {
        return HistoryText.line(this);
    }
}
