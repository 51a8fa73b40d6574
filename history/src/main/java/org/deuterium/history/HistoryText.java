package org.deuterium.history;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Histories as text, a transaction a line: {@code T0 p1 3..7 ok append x 1, read y [4 5]}.
 *
 * <p>Process 1 began it at 3 and heard at 7 that it was committed. {@code 3..? unknown} is one whose outcome nobody
 * heard. Empty lines and what follows a {@code #} are skipped.
 */
public final class HistoryText {

    private static final Pattern LINE =
            Pattern.compile("T(\\d+) p(\\d+) (-?\\d+)\\.\\.(-?\\d+|\\?) (ok|failed|unknown)(?: (.*))?");
    private static final Pattern READ = Pattern.compile("read (\\S+) \\[([-\\d ]*)]");
    private static final Pattern WRITE = Pattern.compile("(append|write) (\\S+) (-?\\d+)");

    private HistoryText() {}

    public static String print(History history) {
        StringBuilder text = new StringBuilder();
        for (Transaction transaction : history.transactions()) {
            text.append(line(transaction)).append('\n');
        }
        return text.toString();
    }

    static String line(Transaction transaction) {
        StringBuilder text = new StringBuilder();
        text.append(transaction.name()).append(" p").append(transaction.process());
        text.append(' ').append(transaction.invoked()).append("..");
        text.append(transaction.completed() == Transaction.NEVER ? "?" : Long.toString(transaction.completed()));
        text.append(' ').append(transaction.outcome().name().toLowerCase(Locale.ROOT));
        String between = " ";
        for (Operation operation : transaction.operations()) {
            text.append(between).append(operation);
            between = ", ";
        }
        return text.toString();
    }

    /** @throws IllegalArgumentException naming the line that is no transaction */
    public static History parse(String text) {
        List<Transaction> transactions = new ArrayList<>();
        for (String full : text.split("\n", -1)) {
            String line = full.replaceFirst("#.*", "").strip();
            if (!line.isEmpty()) {
                transactions.add(transaction(line));
            }
        }
        return new History(transactions);
    }

    private static Transaction transaction(String line) {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not 'T0 p1 3..7 ok append x 1, read y [4 5]': " + line);
        }
        List<Operation> operations = new ArrayList<>();
        if (matcher.group(6) != null) {
            for (String operation : matcher.group(6).split(", *", -1)) {
                operations.add(operation(operation.strip()));
            }
        }
        return new Transaction(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3)),
                matcher.group(4).equals("?") ? Transaction.NEVER : Long.parseLong(matcher.group(4)),
                Outcome.valueOf(matcher.group(5).toUpperCase(Locale.ROOT)),
                operations);
    }

    private static Operation operation(String text) {
        Matcher write = WRITE.matcher(text);
        if (write.matches()) {
            long value = Long.parseLong(write.group(3));
            return write.group(1).equals("append")
                    ? Operation.append(write.group(2), value)
                    : Operation.write(write.group(2), value);
        }
        Matcher read = READ.matcher(text);
        if (!read.matches()) {
            throw new IllegalArgumentException("not 'append x 1', 'write x 1' or 'read x [1 2]': " + text);
        }
        String values = read.group(2).strip();
        return Operation.read(
                read.group(1),
                values.isEmpty()
                        ? new long[0]
                        : Pattern.compile(" +")
                                .splitAsStream(values)
                                .mapToLong(Long::parseLong)
                                .toArray());
    }
}
