package org.deuterium.server.local;

import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One JVM of a local cluster, known by its pid file, which also holds when the process began, so that another process
 * that got the same number later is not taken for it. It outlives the program that started it.
 */
public final class ChildProcess {

    /** A system property of whoever starts processes: options for their JVMs, as DEUTERIUM_JAVA_OPTIONS. */
    public static final String JAVA_OPTIONS = "deuterium.java.options";

    private static final long STOP_SECONDS = 15;

    private final String name;
    private final Path pidFile;
    private final Path console;
    private final Path earlierConsole;
    private final List<String> arguments;
    private final String heap;

    /** @param arguments of the program deuterium */
    ChildProcess(Path directory, String name, String heap, List<String> arguments) {
        this.name = name;
        this.pidFile = directory.resolve(name + ".pid");
        this.console = directory.resolve(name + ".out");
        this.earlierConsole = directory.resolve(name + ".out.1");
        this.heap = heap;
        this.arguments = arguments;
    }

    public String name() {
        return name;
    }

    public boolean isRunning() throws IOException {
        return running().isPresent();
    }

    /** The pid of the running process. */
    public long pid() throws IOException {
        return running()
                .orElseThrow(() -> new LocalClusterException(name + " does not run"))
                .pid();
    }

    void start() throws IOException {
        List<String> command = new ArrayList<>();
        Path setsid = Path.of("/usr/bin/setsid");
        if (Files.isExecutable(setsid)) {
            // A session of its own: Ctrl-C and the end of the terminal do not reach it.
            command.add(setsid.toString());
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx" + heap, "-Dh2.maxOpenTransactions=4095", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError"));
        addOptions(System.getenv("DEUTERIUM_JAVA_OPTIONS"), command);
        addOptions(System.getProperty(JAVA_OPTIONS), command);
        command.addAll(List.of("-cp", absoluteClassPath(), "org.deuterium.server.DeuteriumMain"));
        command.addAll(arguments);
        if (Files.exists(console)) {
            // The last words of the process before: who looks may do so only after it is started again.
            Files.move(console, earlierConsole, StandardCopyOption.REPLACE_EXISTING);
        }
        Process process = new ProcessBuilder(command)
                .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(console.toFile())) // also after somebody emptied it
                .start();
        Files.writeString(pidFile, process.pid() + " " + startOf(process.toHandle()) + "\n");
    }

    private static void addOptions(@Nullable String options, List<String> command) {
        if (options != null && !options.isBlank()) {
            command.addAll(List.of(options.trim().split("\\s+")));
        }
    }

    /** The class path, which may be relative to the directory we were started in. */
    private static String absoluteClassPath() {
        List<String> parts = new ArrayList<>();
        for (String part : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            parts.add(part.endsWith("*") ? part : Path.of(part).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, parts);
    }

    /** Asks the process to end; returns at once. */
    void askToStop() throws IOException {
        running().ifPresent(ProcessHandle::destroy);
    }

    /** Waits for the end of a process that was asked to stop; kills it if it takes too long, and says so. */
    void awaitStopped(PrintStream out) throws IOException {
        Optional<ProcessHandle> running = running();
        if (running.isPresent()) {
            ProcessHandle process = running.get();
            if (!endsWithin(process, STOP_SECONDS)) {
                out.println(name + " did not end within " + STOP_SECONDS + " s, and is killed");
                process.destroyForcibly();
                endsWithin(process, STOP_SECONDS);
            }
        }
        Files.deleteIfExists(pidFile);
    }

    /** kill -9, and waits for the end. */
    public void kill() throws IOException {
        Optional<ProcessHandle> running = running();
        if (running.isPresent()) {
            running.get().destroyForcibly();
            endsWithin(running.get(), STOP_SECONDS);
        }
        Files.deleteIfExists(pidFile);
    }

    /** True once the process has said, on a line of its own, that it serves; not if somebody emptied the file since. */
    boolean saysReady() throws IOException {
        return printed().stream().anyMatch(line -> line.startsWith("ready "));
    }

    /** In whatever encoding it was: a character that cannot be read, or is being written, must not end anything. */
    private List<String> printed() throws IOException {
        return Files.exists(console)
                ? new String(Files.readAllBytes(console), StandardCharsets.UTF_8)
                        .lines()
                        .toList()
                : List.of();
    }

    /** The last line the process printed: why it ended, if it did. */
    String lastLine() throws IOException {
        List<String> lines = printed();
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("at ")) {
                return line;
            }
        }
        return "it printed nothing to " + console;
    }

    private static boolean endsWithin(ProcessHandle process, long seconds) throws IOException {
        try {
            process.onExit().get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalClusterException("interrupted while waiting for process " + process.pid() + " to end");
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IOException("cannot wait for process " + process.pid(), e);
        }
    }

    private Optional<ProcessHandle> running() throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        String[] words = Files.readString(pidFile).trim().split(" ", -1);
        if (words.length != 2) {
            throw new LocalClusterException(pidFile + " is damaged; find the process, end it, and delete the file");
        }
        return ProcessHandle.of(Long.parseLong(words[0]))
                .filter(ProcessHandle::isAlive)
                .filter(process -> startOf(process) == Long.parseLong(words[1]));
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }
}
