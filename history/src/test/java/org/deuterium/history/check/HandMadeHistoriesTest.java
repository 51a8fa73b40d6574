package org.deuterium.history.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deuterium.history.History;
import org.deuterium.history.HistoryText;
import org.deuterium.history.Operation;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * One file an anomaly, in {@code src/test/resources/histories}: bad histories with what is said about them, and the
 * good twin of each. A section is a title, {@code found:} with the names, {@code so not:} with the models of
 * {@link IsolationModel} that it rules out ("...": and all stronger ones), and the history.
 */
class HandMadeHistoriesTest {

    private static final Path HISTORIES = Path.of("src/test/resources/histories");

    @TestFactory
    Stream<DynamicTest> eachIsCalledByItsName() throws IOException {
        try (Stream<Path> files = Files.list(HISTORIES)) {
            return files.sorted().toList().stream().flatMap(HandMadeHistoriesTest::sections);
        }
    }

    @Test
    void everyKindHasAFile() throws IOException {
        String all = "";
        try (Stream<Path> files = Files.list(HISTORIES)) {
            for (Path file : files.toList()) {
                all += Files.readString(file);
            }
        }
        for (AnomalyKind kind : AnomalyKind.values()) {
            assertTrue(all.contains("found: " + kind) || all.contains(", " + kind), "no history with " + kind);
        }
    }

    private static Stream<DynamicTest> sections(Path file) {
        try {
            return Arrays.stream(Files.readString(file).split("(?m)^== "))
                    .skip(1)
                    .map(section -> DynamicTest.dynamicTest(
                            file.getFileName() + ": "
                                    + section.lines().findFirst().orElseThrow(),
                            () -> judge(section)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void judge(String section) {
        History history = HistoryText.parse(
                section.lines().filter(line -> line.startsWith("T")).collect(Collectors.joining("\n")));
        Verdict verdict = check(history);
        assertEquals(names(header(section, "found:")), verdict.names(), verdict.report());
        assertEquals(models(header(section, "so not:")), verdict.ruledOut(), verdict.report());
        String said = section.lines()
                .filter(line -> line.startsWith("|"))
                .map(line -> line.substring(Math.min(2, line.length())))
                .collect(Collectors.joining("\n"));
        if (!said.isEmpty()) {
            assertEquals(said, verdict.report());
        }
    }

    private static Verdict check(History history) {
        boolean registers = history.transactions().stream()
                .flatMap(transaction -> transaction.operations().stream())
                .anyMatch(operation -> operation.kind() == Operation.Kind.WRITE);
        if (!registers) {
            return ListAppendChecker.check(history);
        }
        boolean single = history.transactions().stream()
                .allMatch(transaction -> transaction.operations().size() == 1);
        return single ? LinearizableRegisters.check(history) : RegisterChecker.check(history);
    }

    private static String header(String section, String name) {
        return section.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no '" + name + "' in " + section));
    }

    private static Set<String> names(String list) {
        return list.equals("nothing") ? Set.of() : new TreeSet<>(List.of(list.split(", ")));
    }

    /** Models by name; "..." after one: everything that is stronger, too. */
    private static Set<IsolationModel> models(String list) {
        Set<IsolationModel> all = new TreeSet<>();
        for (String name : list.equals("nothing") ? new String[0] : list.split(", ")) {
            boolean andStronger = name.endsWith("...");
            IsolationModel model = IsolationModel.valueOf((andStronger ? name.substring(0, name.length() - 3) : name)
                    .toUpperCase(Locale.ROOT)
                    .replace(' ', '_'));
            all.add(model);
            for (IsolationModel other : IsolationModel.values()) {
                if (andStronger && other.isAtLeast(model)) {
                    all.add(other);
                }
            }
        }
        return all;
    }
}
