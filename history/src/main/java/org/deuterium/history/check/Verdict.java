package org.deuterium.history.check;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a checker found in a history: no anomaly means that it could not tell it from a perfect one. */
public record Verdict(int transactions, List<Anomaly> anomalies) {

    /** So many anomalies are printed in full. */
    private static final int PRINTED = 6;

    public Verdict {
        anomalies = anomalies.stream()
                .sorted(Comparator.comparing(Anomaly::order)
                        .thenComparing(Anomaly::kind)
                        .thenComparing(anomaly -> anomaly.transactions().size()))
                .toList();
    }

    public boolean allows(IsolationModel model) {
        return anomalies.stream().noneMatch(model::forbids);
    }

    /** The models that a database which made this history surely does not keep. */
    public Set<IsolationModel> ruledOut() {
        Set<IsolationModel> out = EnumSet.allOf(IsolationModel.class);
        out.removeIf(this::allows);
        return out;
    }

    /** The anomalies that one model forbids. */
    public List<Anomaly> against(IsolationModel model) {
        return anomalies.stream().filter(model::forbids).toList();
    }

    /** The different anomalies by name, as {@code G-single} or {@code G2-item-realtime}. */
    public Set<String> names() {
        return anomalies.stream().map(Anomaly::name).collect(Collectors.toCollection(TreeSet::new));
    }

    /** All of it for people: what it rules out, and examples. */
    public String report() {
        if (anomalies.isEmpty()) {
            return transactions + " transactions, no anomaly";
        }
        StringBuilder text = new StringBuilder();
        text.append(transactions).append(" transactions: ").append(names());
        text.append("\nThis is not ");
        text.append(ruledOut().stream().map(IsolationModel::toString).collect(Collectors.joining(", ")));
        anomalies.stream().limit(PRINTED).forEach(anomaly -> text.append("\n\n").append(anomaly));
        if (anomalies.size() > PRINTED) {
            text.append("\n\nand ").append(anomalies.size() - PRINTED).append(" more");
        }
        return text.toString();
    }

    @Override
    public String toString() {
        return report();
    }
}
