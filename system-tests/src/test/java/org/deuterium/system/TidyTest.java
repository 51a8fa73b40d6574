package org.deuterium.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The house's style guide as a test: sizes, names, and documents that name only what exists. */
class TidyTest {

    private static final int LONGEST_FILE = 500;
    private static final int LONGEST_METHOD = 60;
    private static final Set<String> MAY_BE_LONGER = Set.of("RowBatchResultSet.java", "ClusterDatabaseMetaData.java");
    private static final Pattern BAD_NAME = Pattern.compile(".*(Impl|Manager|Helper|Utils?)\\.java");
    private static final Pattern TYPE_IN_BACKTICKS = Pattern.compile("`([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)`");
    private static final Pattern TYPE_IN_SOURCE = Pattern.compile(
            "\\b(?:class|interface|enum|record)\\s+([A-Z]\\w*)|^import\\s+(?:static\\s+)?[\\w.]+?\\.([A-Z]\\w*)");

    /** The first type of a file with its annotations; the first group is the end of a documentation comment before it. */
    private static final Pattern TOP_LEVEL_TYPE = Pattern.compile(
            "^( \\*/\\n|/\\*\\* .*\\*/\\n)?(?:@.*\\n|    .*\\n|\\}\\)\\n)*"
                    + "(?:public |final |abstract |sealed |non-sealed )*(?:class|record|interface|enum|@interface) \\w+",
            Pattern.MULTILINE);

    private static Path root;
    private static List<Path> sources;

    @BeforeAll
    static void findSources() throws IOException {
        root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("ARCHITECTURE.md"))) {
            root = root.getParent();
        }
        try (Stream<Path> files = Files.walk(root)) {
            sources = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().contains("/src/"))
                    .filter(file -> !file.toString().contains("/target/"))
                    .toList();
        }
        assertTrue(sources.size() > 100, "only " + sources.size() + " Java files found under " + root);
    }

    @Test
    void filesAreShortEnoughToRead() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources) {
            int lines = Files.readAllLines(file).size();
            if (lines > LONGEST_FILE
                    && !MAY_BE_LONGER.contains(file.getFileName().toString())) {
                tooLong.add(lines + " lines: " + root.relativize(file));
            }
        }
        assertEquals(
                List.of(), tooLong, "a file that wants more than " + LONGEST_FILE + " lines has a second idea in it");
    }

    @Test
    void methodsAreShortEnoughToRead() throws IOException {
        List<String> tooLong = new ArrayList<>();
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, diagnostic -> {}, null, null, files.getJavaFileObjectsFromPaths((Collection<Path>)
                            sources));
            SourcePositions positions = Trees.instance(task).getSourcePositions();
            for (CompilationUnitTree unit : task.parse()) {
                new MethodMeasure(unit, positions, tooLong).scan(unit, null);
            }
        }
        assertEquals(List.of(), tooLong, "methods of more than " + LONGEST_METHOD + " lines");
    }

    @Test
    void namesSayWhatAThingIs() {
        List<String> bad = sources.stream()
                .map(file -> file.getFileName().toString())
                .filter(name -> BAD_NAME.matcher(name).matches())
                .toList();
        assertEquals(List.of(), bad, "class names that say nothing");
    }

    @Test
    void everyTypeSaysWhatItIs() throws IOException {
        List<Path> silent = new ArrayList<>();
        for (Path file : sources) {
            Matcher type = TOP_LEVEL_TYPE.matcher(Files.readString(file));
            if (type.find() && type.group(1) == null) {
                silent.add(root.relativize(file));
            }
        }
        assertEquals(List.of(), silent, "types without a sentence of documentation");
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        Set<Path> silent = new TreeSet<>();
        for (Path file : sources) {
            if (!file.toString().contains("/src/main/java/")) {
                continue;
            }
            Path info = file.resolveSibling("package-info.java");
            if (!Files.exists(info) || !Files.readString(info).contains("/**")) {
                silent.add(root.relativize(file.getParent()));
            }
        }
        assertEquals(Set.of(), silent, "packages without a sentence in package-info.java");
    }

    @Test
    void documentsNameOnlyTypesThatExist() throws IOException {
        Set<String> types = new HashSet<>();
        for (Path file : sources) {
            for (String line : Files.readAllLines(file)) {
                Matcher matcher = TYPE_IN_SOURCE.matcher(line);
                while (matcher.find()) {
                    types.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
                }
            }
        }
        Set<String> unknown = new TreeSet<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path document : files.filter(TidyTest::isDocument).toList()) {
                Matcher matcher = TYPE_IN_BACKTICKS.matcher(Files.readString(document));
                while (matcher.find()) {
                    if (!types.contains(matcher.group(1))) {
                        unknown.add(root.relativize(document) + ": " + matcher.group(1));
                    }
                }
            }
        }
        assertEquals(Set.of(), unknown, "types that documents name and nobody has");
    }

    private static boolean isDocument(Path file) {
        return file.toString().endsWith(".md") && !file.toString().contains("/target/");
    }

    private static final class MethodMeasure extends TreeScanner<Void, Void> {

        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final List<String> tooLong;

        MethodMeasure(CompilationUnitTree unit, SourcePositions positions, List<String> tooLong) {
            this.unit = unit;
            this.positions = positions;
            this.tooLong = tooLong;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            LineMap lines = unit.getLineMap();
            long start = positions.getStartPosition(unit, method);
            long end = positions.getEndPosition(unit, method);
            if (start >= 0 && end >= 0) {
                long length = lines.getLineNumber(end) - lines.getLineNumber(start) + 1;
                if (length > LONGEST_METHOD) {
                    tooLong.add(length + " lines: " + unit.getSourceFile().getName() + " " + method.getName());
                }
            }
            return super.visitMethod(method, nothing);
        }
    }
}
