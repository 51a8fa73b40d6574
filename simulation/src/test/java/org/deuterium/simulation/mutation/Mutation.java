package org.deuterium.simulation.mutation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A known mistake as a text file: one sentence what it is, then for each source file a line {@code --- path} and for
 * each place in it the lines to find between {@code <<<} and {@code ===}, and those that replace them up to
 * {@code >>>}. The lines to find must be there exactly once.
 *
 * @param places the changes by source file
 */
record Mutation(String name, String sentence, Map<Path, List<Place>> places) {

    /** Lines to find, and the lines that replace them. */
    record Place(String find, String replacement) {}

    static Mutation read(Path file) throws IOException {
        String name = file.getFileName().toString().replace(".txt", "");
        List<String> lines = Files.readAllLines(file);
        Map<Path, List<Place>> places = new LinkedHashMap<>();
        List<Place> ofFile = List.of();
        for (int i = 1; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.startsWith("--- ")) {
                ofFile = places.computeIfAbsent(Path.of(line.substring(4).trim()), source -> new ArrayList<>());
            } else if (line.equals("<<<")) {
                int middle = next("===", lines, i, file);
                int end = next(">>>", lines, middle, file);
                ofFile.add(new Place(text(lines, i + 1, middle), text(lines, middle + 1, end)));
                i = end;
            } else if (!line.isBlank()) {
                throw new IOException(file + ", line " + (i + 1) + ": '" + line + "' belongs to nothing");
            }
        }
        return new Mutation(name, lines.get(0), places);
    }

    private static int next(String mark, List<String> lines, int after, Path file) throws IOException {
        for (int i = after + 1; i < lines.size(); i++) {
            if (lines.get(i).equals(mark)) {
                return i;
            }
        }
        throw new IOException(file + ": no " + mark + " after line " + (after + 1));
    }

    private static String text(List<String> lines, int from, int to) {
        StringBuilder text = new StringBuilder();
        for (String line : lines.subList(from, to)) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** The source with the mistake in it. */
    String plantedIn(Path file, String source) {
        String planted = source;
        for (Place place : places.getOrDefault(file, List.of())) {
            int at = planted.indexOf(place.find());
            if (at < 0 || planted.indexOf(place.find(), at + 1) >= 0) {
                throw new AssertionError("the mutation " + name + " no longer fits: " + file + " has these lines "
                        + (at < 0 ? "nowhere" : "more than once") + ":\n" + place.find()
                        + "Change the file in src/test/resources/mutations so that it plants the same mistake again.");
            }
            planted = planted.substring(0, at)
                    + place.replacement()
                    + planted.substring(at + place.find().length());
        }
        return planted;
    }
}
