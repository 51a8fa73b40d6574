package org.deuterium.simulation.mutation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The simulation is worth its name only if it finds known mistakes: each file in {@code src/test/resources/mutations} is
 * planted into the sources, and the seeds of {@code SimulationTest} are run until an invariant breaks. A run that only
 * does not heal finds nothing, and neither does an assertion of the core or of a host: it is a safety invariant that
 * must be seen to break.
 *
 * <p>{@code -Ddeuterium.simulation.mutation=NAME} tries one mutation only.
 */
class MutationTest {

    /** As many as {@code SimulationTest} runs in every build. */
    private static final int SEEDS = 1_000;

    private static final int THREADS = 2;
    private static final Set<String> INVARIANTS = Set.of(
            "AcknowledgedIsNeverLost",
            "AcknowledgedMeetsANewGroup",
            "AppliedExactlyOnce",
            "AsyncTailIsSetAside",
            "CommittedOnEnoughDisks",
            "LeaderCommitsItsOwnTerm",
            "NobodyElectedUnderALease",
            "OneLeaderATerm",
            "OnlyAsyncTakesBack",
            "ReadsMissNothing",
            "SamePrefixApplied",
            "SameTermSameEntry",
            "SaysOnlyWhatIsDurable",
            "StaleTermChangesNothing",
            "TimestampsRise",
            "VisibleOnlyUnderItsRule");
    private static final String ONLY = System.getProperty("deuterium.simulation.mutation", "");

    /** How one mutation fared; {@code seeds} is 0 if it was not found. */
    private record Found(Mutation mutation, int seeds, String invariant) {
        String row() {
            return String.format(
                    Locale.ROOT,
                    "| %-42s | %5s | %s |",
                    mutation.name(),
                    seeds == 0 ? "none" : seeds,
                    seeds == 0 ? "NOT FOUND" : invariant);
        }
    }

    @Test
    void everyKnownMistakeIsFound() throws Exception {
        Path root = root();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        List<Future<Found>> running = new ArrayList<>();
        for (Mutation mutation : mutations(root)) {
            running.add(threads.submit(() -> search(mutation, root)));
        }
        List<String> table = new ArrayList<>(List.of("| mistake | seeds | found by |", "|---|---|---|"));
        List<String> missed = new ArrayList<>();
        for (Future<Found> one : running) {
            Found found = one.get();
            table.add(found.row());
            if (found.seeds() == 0) {
                missed.add(found.mutation().name() + ": " + found.mutation().sentence());
            }
        }
        threads.shutdown();
        System.out.println(String.join("\n", table));
        assertEquals(List.of(), missed, "not found in " + SEEDS + " seeds: the simulation is too weak");
    }

    @Test
    void aMutationThatNoLongerFitsSaysSo() {
        Path file = Path.of("A.java");
        Mutation mutation =
                new Mutation("m", "A sentence.", Map.of(file, List.of(new Mutation.Place("gone\n", "there\n"))));
        AssertionError refused = assertThrows(AssertionError.class, () -> mutation.plantedIn(file, "what is there\n"));
        assertTrue(refused.getMessage().contains("no longer fits"), refused.getMessage());
        assertEquals("there\n", mutation.plantedIn(file, "gone\n"));
    }

    private static List<Mutation> mutations(Path root) throws IOException {
        List<Mutation> mutations = new ArrayList<>();
        try (Stream<Path> files = Files.list(root.resolve("simulation/src/test/resources/mutations"))) {
            for (Path file : files.sorted().toList()) {
                Mutation mutation = Mutation.read(file);
                if (mutation.name().contains(ONLY)) {
                    mutations.add(mutation);
                }
            }
        }
        assertTrue(!ONLY.isEmpty() || mutations.size() >= 12, "only " + mutations.size() + " mutations");
        return mutations;
    }

    private static Found search(Mutation mutation, Path root) throws Exception {
        MutatedClasses world = MutatedClasses.of(mutation, root);
        Class<?> settings = world.loadClass("org.deuterium.simulation.SimulationSettings");
        Class<?> counts = world.loadClass("org.deuterium.simulation.world.RunCounts");
        Method run =
                world.loadClass("org.deuterium.simulation.Simulation").getMethod("run", long.class, settings, counts);
        Object usual = settings.getField("DEFAULT").get(null);
        Object total = counts.getConstructor().newInstance();
        for (int seed = 1; seed <= SEEDS; seed++) {
            Object violation = run.invoke(null, (long) seed, usual, total);
            if (violation != null) {
                String invariant =
                        (String) violation.getClass().getMethod("invariant").invoke(violation);
                if (INVARIANTS.contains(invariant)) {
                    return new Found(mutation, seed, invariant);
                }
            }
        }
        return new Found(mutation, 0, "");
    }

    private static Path root() {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("ARCHITECTURE.md"))) {
            root = root.getParent();
        }
        return root;
    }
}
