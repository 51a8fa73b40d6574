package org.deuterium.server;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where a process logs: servers into a file of their data directory, commands nowhere. Must be called before the first
 * logger is made, since slf4j-simple reads its settings once.
 */
final class ProcessLog {

    private static final String PREFIX = "org.slf4j.simpleLogger.";

    /** Set to debug, info, warn or error: the level of servers, and what commands print on standard error. */
    private static final String LEVEL_VARIABLE = "DEUTERIUM_LOG_LEVEL";

    /** How many logs of earlier runs are kept beside the present one. */
    private static final int EARLIER_RUNS = 9;

    /** The open locks; they end with the process. */
    private static final Map<Path, FileChannel> OWN = new ConcurrentHashMap<>();

    private ProcessLog() {}

    static void quiet() {
        String level = System.getenv(LEVEL_VARIABLE);
        setIfAbsent("defaultLogLevel", level == null ? "off" : level);
    }

    /**
     * The logs of earlier runs stay, as node.log.1 (the latest) to node.log.9: one may say why its process ended.
     *
     * @throws CommandFailure if another process logs there: its log is left alone
     */
    static void toFile(Path file) throws IOException, CommandFailure {
        own(file);
        for (int run = EARLIER_RUNS; run >= 1; run--) {
            Path earlier = run == 1 ? file : ofRun(file, run - 1);
            if (Files.exists(earlier)) {
                Files.move(earlier, ofRun(file, run), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        String level = System.getenv(LEVEL_VARIABLE);
        System.setProperty(PREFIX + "defaultLogLevel", level == null ? "info" : level);
        System.setProperty(PREFIX + "logFile", file.toString());
        System.setProperty(PREFIX + "showDateTime", "true");
        System.setProperty(PREFIX + "dateTimeFormat", "yyyy-MM-dd HH:mm:ss.SSS");
        System.setProperty(PREFIX + "showShortLogName", "true");
        // These two tell of every session and connection; at info they would be most of the log.
        setIfAbsent("log.org.apache.zookeeper", level == null ? "warn" : level);
        setIfAbsent("log.org.apache.curator", level == null ? "warn" : level);
    }

    /** Locks the log for as long as this process lives. */
    private static void own(Path file) throws IOException, CommandFailure {
        if (OWN.containsKey(file)) {
            return;
        }
        FileChannel channel = FileChannel.open(
                file.resolveSibling(file.getFileName() + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (channel.tryLock() == null) {
            channel.close();
            throw new CommandFailure("the data directory " + file.getParent()
                    + " is in use by another process; stop that one, or give this one its own directory");
        }
        OWN.put(file, channel);
    }

    private static Path ofRun(Path file, int run) {
        return file.resolveSibling(file.getFileName() + "." + run);
    }

    private static void setIfAbsent(String name, String value) {
        if (System.getProperty(PREFIX + name) == null) {
            System.setProperty(PREFIX + name, value);
        }
    }
}
