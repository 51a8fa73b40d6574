package org.deuterium.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** {@code bin/deuterium simulate}: what it prints, and its exit code. */
class SimulateCommandTest {

    private record Ended(int code, String printed) {

        boolean hasLine(String regex) {
            return printed.lines().anyMatch(line -> line.matches(regex));
        }
    }

    private static Ended run(String... arguments) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            int code = new CommandLine(new DeuteriumMain()).execute(arguments);
            return new Ended(code, bytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before);
        }
    }

    @Test
    void itCountsSeedsEventsAndFaults() {
        Ended ended = run("simulate", "--seeds", "3", "--seed", "7", "--threads", "1");
        assertEquals(0, ended.code(), ended.printed());
        assertTrue(ended.hasLine(" +3 seeds"), ended.printed());
        assertTrue(ended.hasLine(" +[3-9]\\d,\\d{3} events"), ended.printed());
        assertTrue(ended.hasLine(" +[1-9][\\d,]* faults, of these:"), ended.printed());
        assertTrue(ended.hasLine("every invariant held"), ended.printed());
    }

    @Test
    void theSameSeedTakesTheSameWayUnderEveryRule() {
        for (String rule : new String[] {"QUORUM", "SEMI_SYNC 1", "SYNC MIN_IN_SYNC 2", "CHAIN", "ASYNC"}) {
            String[] arguments = {"simulate", "--seed", "5", "--events", "2000", "--trace", "--rule", rule};
            Ended first = run(arguments);
            assertEquals(0, first.code(), first.printed());
            assertTrue(first.hasLine("seed 5: every invariant held"), first.printed());
            assertEquals(first.printed(), run(arguments).printed());
            assertTrue(run("simulate", "--help").printed().contains(rule.split(" ")[0]), rule + " is not in the help");
        }
    }

    @Test
    void noSeedsAreRefused() {
        assertTrue(run("simulate", "--seeds", "0").code() != 0);
    }
}
