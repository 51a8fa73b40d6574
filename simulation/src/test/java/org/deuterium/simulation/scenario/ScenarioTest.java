package org.deuterium.simulation.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Plays each file in {@code src/test/resources/scenarios} and compares what happens with what stands there (the way of
 * etcd raft's testdata). After a change that is meant, {@code -Ddeuterium.scenarios.rewrite=true} writes what happens now:
 * read the difference before you commit it.
 */
class ScenarioTest {

    private static final boolean REWRITE = Boolean.getBoolean("deuterium.scenarios.rewrite");

    @TestFactory
    List<DynamicTest> scenarios() throws IOException {
        List<Path> files;
        try (Stream<Path> found = Files.list(Path.of("src/test/resources/scenarios"))) {
            files = found.sorted().toList();
        }
        assertFalse(files.isEmpty());
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> play(file)))
                .toList();
    }

    private static void play(Path file) throws IOException {
        List<String> expected = Files.readAllLines(file);
        List<String> played = played(expected);
        if (REWRITE) {
            Files.write(file, played);
        } else {
            assertEquals(String.join("\n", expected), String.join("\n", played), file.toString());
        }
    }

    /** The text with what happens now below each command; comments and empty lines stay. */
    static List<String> played(List<String> lines) {
        Scenario scenario = new Scenario();
        List<String> played = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("> ")) {
                played.add(line);
                scenario.run(line.substring(2)).forEach(happened -> played.add("  " + happened));
            } else if (!line.startsWith("  ")) {
                played.add(line);
            }
        }
        return played;
    }
}
