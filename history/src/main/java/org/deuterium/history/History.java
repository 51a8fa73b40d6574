package org.deuterium.history;

import java.util.List;

/** All transactions of a run, each at the place of its number. */
public record History(List<Transaction> transactions) {

    public History {
        transactions = List.copyOf(transactions);
        for (int place = 0; place < transactions.size(); place++) {
            if (transactions.get(place).number() != place) {
                throw new IllegalArgumentException(
                        transactions.get(place).name() + " stands at place " + place + " of the history");
            }
        }
    }

    public Transaction get(int number) {
        return transactions.get(number);
    }

    public int size() {
        return transactions.size();
    }
}
